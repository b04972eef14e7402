-- Which units respond more to one stimulus than to another? One row per unit measured on both.
-- Source: definitions.md section 2 (channel difference engine). A stimulus is named by its text, its source, or '#' and
-- its id (activations_on): from channel_difference('hat', 'eeeeee') where layer_name = '4/2/6' limit 10
create or replace macro channel_difference(target, baseline) as table
select
    targets.unit_name,
    targets.layer_name,
    targets.activation_mean - baselines.activation_mean as activation_difference,
    targets.activation_mean as target_activation_mean,
    baselines.activation_mean as baseline_activation_mean,
    targets.run_id,
from activations_on(target) as targets
inner join activations_on(baseline) as baselines on targets.unit_id = baselines.unit_id
order by activation_difference desc, targets.unit_name;
comment on macro table channel_difference is 'Units by activation on the target minus activation on the baseline, the largest first.';
