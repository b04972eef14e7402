-- Which units of a layer respond most clearly to one thing? One row per unit and thing: a word of the captions and keywords of its top 20 pictures.
-- Where the page begins. A word counts less the more common it is; of equally clear units, those with a feature visualisation go first.
with shown as (
    select unit_id, unit_name, stimulus_id, caption
    from all_runs.unit_top_pictures
    where run_id = $run and layer_name = $layer and example_rank <= 20 and not is_explicit
),

texts as (
    select distinct unit_id, unit_name, stimulus_id, unnest(string_split(trim(plain_words(caption)), ' ')) as concept
    from shown
    union
    select unit_id, unit_name, stimulus_id, unnest(string_split(trim(plain_words(keyword)), ' ')) as concept
    from shown
    inner join stimulus_keywords using (stimulus_id)
),

counted as (
    select
        unit_id, unit_name, concept,
        count(*) / 20 - sum(count(*)) over (partition by concept) / (select count(*) from shown) as agreement,
    from texts
    where len(concept) > 2
    group by unit_id, unit_name, concept
),

drawn as (
    select distinct unit_id from feature_visualizations where run_id in $feature_runs and image is not null
)

select unit_name, concept, agreement, drawn.unit_id is not null as is_drawn
from counted
left join drawn using (unit_id)
where agreement > 0
qualify agreement >= 0.8 * max(agreement) over ()
order by (agreement >= 0.95 * max(agreement) over () and drawn.unit_id is not null) desc, agreement desc, unit_name, concept
limit 40;
