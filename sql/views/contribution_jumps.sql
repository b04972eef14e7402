-- Does a unit's bimodality rise most where its contributions reach the last convolution? One row per run and unit.
-- Source: placed_contribution_statistics, from one bottleneck's last convolution to the next; units with at least two rises.
create or replace view contribution_jumps as
with rises as (
    select
        placed_contribution_statistics.run_id,
        placed_contribution_statistics.unit_id,
        placed_contribution_statistics.is_last_convolution,
        placed_contribution_statistics.sarle_coefficient - lag(placed_contribution_statistics.sarle_coefficient) over (
            partition by placed_contribution_statistics.run_id, placed_contribution_statistics.unit_id
            order by placed_contribution_statistics.other_layer_order
        ) as sarle_rise,
    from placed_contribution_statistics
    where placed_contribution_statistics.direction = 'forward' and placed_contribution_statistics.other_op_index = 5
)

select
    rises.run_id,
    rises.unit_id,
    max_by(rises.is_last_convolution, rises.sarle_rise) as is_at_last_convolution,
from rises
where rises.sarle_rise is not null
group by rises.run_id, rises.unit_id
having count(*) >= 2;
comment on view contribution_jumps is 'Where along the network each unit''s bimodality rises most.';
comment on column contribution_jumps.run_id is 'Contributions run.';
comment on column contribution_jumps.unit_id is 'Lower unit.';
comment on column contribution_jumps.is_at_last_convolution is 'Whether the largest rise is at the network''s last convolution.';
