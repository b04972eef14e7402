-- Which pictures drive a unit most, over the sets of several runs? One row per unit and rank, 100 ranks at most:
-- from joined_top_pictures([5, 8]) where unit_name = '4/2/6/34' order by example_rank. Source: top_examples; a picture in several
-- runs counts once, so sets may overlap. Ties go by content hash, as in each run.
create or replace macro joined_top_pictures(joined_runs) as table
with distinct_pictures as (
    select
        top_examples.unit_id,
        top_examples.stimulus_id,
        max(top_examples.activation_mean) as activation_mean,
        max(top_examples.activation_max) as activation_max,
    from top_examples
    where list_contains(joined_runs, top_examples.run_id)
    group by top_examples.unit_id, top_examples.stimulus_id
),

ranked as (
    select
        distinct_pictures.unit_id,
        units.unit_name,
        row_number() over (
            partition by distinct_pictures.unit_id, units.unit_name
            order by distinct_pictures.activation_mean desc, stimuli.content_sha256
        ) as example_rank,
        distinct_pictures.stimulus_id,
        stimuli.stimulus_text as caption,
        stimuli.source_uri,
        distinct_pictures.activation_mean,
        distinct_pictures.activation_max,
    from distinct_pictures
    inner join units on distinct_pictures.unit_id = units.unit_id
    inner join stimuli on distinct_pictures.stimulus_id = stimuli.stimulus_id
)

select
    ranked.unit_id,
    ranked.unit_name,
    ranked.example_rank,
    ranked.stimulus_id,
    ranked.caption,
    ranked.source_uri,
    ranked.activation_mean,
    ranked.activation_max,
from ranked
where ranked.example_rank <= 100;
comment on macro table joined_top_pictures is 'Unit -> pictures over the picture sets of several runs, ranked.';
