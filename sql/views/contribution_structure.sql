-- What do a model's contributions look like as a whole, in the article's claims? One row per run and measure.
-- Source: contribution_depths, contribution_jumps, placed_contribution_statistics, layer_pair_statistics; definitions.md section 5.
create or replace view contribution_structure as
select
    contribution_depths.run_id,
    'bimodality against depth' as measure,
    nullif(corr(contribution_depths.layer_order, contribution_depths.sarle_median), 'nan') as our_value,
from contribution_depths
group by contribution_depths.run_id
union all
select
    contribution_depths.run_id,
    'notch against depth' as measure,
    nullif(corr(contribution_depths.layer_order, contribution_depths.notch_median), 'nan') as our_value,
from contribution_depths
group by contribution_depths.run_id
union all
select
    contribution_jumps.run_id,
    'jump at the last convolution' as measure,
    avg(contribution_jumps.is_at_last_convolution::integer) as our_value,
from contribution_jumps
group by contribution_jumps.run_id
union all
select
    placed_contribution_statistics.run_id,
    'forward sign balance' as measure,
    median(abs(placed_contribution_statistics.sign_balance)) as our_value,
from placed_contribution_statistics
where placed_contribution_statistics.direction = 'forward' and placed_contribution_statistics.contribution_count >= 64
group by placed_contribution_statistics.run_id
union all
select
    placed_contribution_statistics.run_id,
    'backward closer to laplace' as measure,
    avg((placed_contribution_statistics.laplace_gain > 0)::integer) as our_value,
from placed_contribution_statistics
where placed_contribution_statistics.direction = 'backward' and placed_contribution_statistics.contribution_count >= 64
group by placed_contribution_statistics.run_id
union all
select
    placed_contribution_statistics.run_id,
    'laplace gain backward minus forward' as measure,
    median(placed_contribution_statistics.laplace_gain)
        filter (where placed_contribution_statistics.direction = 'backward')
    - median(placed_contribution_statistics.laplace_gain)
        filter (where placed_contribution_statistics.direction = 'forward') as our_value,
from placed_contribution_statistics
where placed_contribution_statistics.contribution_count >= 64
group by placed_contribution_statistics.run_id
union all
select
    widest_contribution_runs.run_id,
    'magnitude mean correspondence' as measure,
    median(layer_pair_statistics.magnitude_mean_rank_correlation) as our_value,
from widest_contribution_runs
inner join layer_pair_statistics on widest_contribution_runs.run_id = layer_pair_statistics.run_id
group by widest_contribution_runs.run_id;
comment on view contribution_structure is 'Numbers about all contributions of a model, by the measure of findings.';
comment on column contribution_structure.run_id is 'Contributions run.';
comment on column contribution_structure.measure is 'Measure, as in findings.measure.';
comment on column contribution_structure.our_value is 'Ours.';
