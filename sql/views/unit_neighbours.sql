-- Which units of the same layer respond to pictures like a unit? One row per unit: from unit_neighbours('4/2/6/34').
-- Source: Pearson's correlation of the spatial means over the kept pictures of one run. One pass over the layer's units.
-- run: a pictures run, from run_details or model_runs; by default the newest one that is shown.
create or replace macro unit_neighbours(unit, neighbour_count := 20, run := null) as table
with chosen as (
    select
        runs.run_id,
        units.unit_id,
        units.layer_id,
    from units
    inner join layers on units.layer_id = layers.layer_id
    inner join runs on layers.model_id = runs.model_id
    where
        units.unit_name = unit
        and runs.job_name = 'pictures'
        and runs.run_id in (
            select shown_runs.run_id
            from shown_runs
            where run is null
            union all
            select run
        )
    order by runs.finished_at desc
    limit 1
),

own as (
    select
        activations.stimulus_id,
        activations.activation_mean,
    from activations
    inner join chosen on activations.run_id = chosen.run_id and activations.unit_id = chosen.unit_id
),

others as (
    select units.unit_id,
    from units
    inner join chosen on units.layer_id = chosen.layer_id
),

compared as (
    select
        activations.unit_id,
        count(*) as picture_count,
        corr(activations.activation_mean, own.activation_mean) as correlation,
    from activations
    inner join others on activations.unit_id = others.unit_id
    inner join own on activations.stimulus_id = own.stimulus_id
    where activations.run_id = (select chosen.run_id from chosen)
    group by activations.unit_id
)

select
    row_number() over (order by compared.correlation desc, compared.unit_id) as neighbour_rank,
    units.unit_name,
    compared.correlation,
    compared.picture_count,
    chosen.run_id,
from compared
inner join units on compared.unit_id = units.unit_id
cross join chosen
where isfinite(compared.correlation) and compared.unit_id <> chosen.unit_id
qualify neighbour_rank <= neighbour_count
order by neighbour_rank;
comment on macro table unit_neighbours is 'Units of the same layer by correlation with a unit over the kept pictures of one run, the newest unless another is named; the most alike first.';
