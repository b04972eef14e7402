-- How much of a unit comes from the shortcut? Units of each output of block 4 in twenty bins of their shortcut share: as published, and as measured here. Dead units are in no bin.
with shares as (
    select
        regexp_extract(published_shares.unit_name, '^(.+)/', 1) as layer_name,
        'as published' as series,
        published_shares.shortcut_share,
    from published_shares
    inner join shown_runs on published_shares.run_id = shown_runs.run_id
    union all
    select
        layer_details.layer_name,
        layer_details.model_name || ', ' || residual_shares.definition || ', ' || residual_shares.image_source as series,
        residual_shares.shortcut_share,
    from residual_shares
    inner join model_runs on residual_shares.run_id = model_runs.run_id
    inner join units on residual_shares.unit_id = units.unit_id
    inner join layer_details on units.layer_id = layer_details.layer_id
    where residual_shares.image_count > 0 and layer_details.block_index = 4
)

select
    shares.layer_name,
    shares.series,
    least(floor(shares.shortcut_share * 20), 19)::integer as bin_index,
    count(*) as unit_count,
    sum(count(*)) over (partition by shares.layer_name, shares.series) as measured_unit_count,
    count(*) / measured_unit_count as unit_share,
from shares
where shares.shortcut_share is not null
group by shares.layer_name, shares.series, bin_index
order by shares.layer_name, shares.series, bin_index;
