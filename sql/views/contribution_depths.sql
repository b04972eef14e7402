-- How bimodal are contributions to the last convolution, by the depth they come from? One row per run and lower layer.
-- Source: placed_contribution_statistics; definitions.md section 5.
create or replace view contribution_depths as
select
    placed_contribution_statistics.run_id,
    placed_contribution_statistics.layer_order,
    median(placed_contribution_statistics.sarle_coefficient) as sarle_median,
    median(placed_contribution_statistics.zero_density_ratio) as notch_median,
from placed_contribution_statistics
where placed_contribution_statistics.direction = 'forward' and placed_contribution_statistics.is_last_convolution
group by placed_contribution_statistics.run_id, placed_contribution_statistics.layer_order;
comment on view contribution_depths is 'Bimodality and notch of contributions to the last convolution, by depth.';
comment on column contribution_depths.run_id is 'Contributions run.';
comment on column contribution_depths.layer_order is 'Depth of the lower layer, from the input.';
comment on column contribution_depths.sarle_median is 'Median over its units of Sarle''s bimodality coefficient.';
comment on column contribution_depths.notch_median is 'Median over its units of the density at zero over the highest beside it.';
