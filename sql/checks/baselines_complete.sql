-- Does every complete words run have one baseline per unit, equal to the one computed from its activations?
select
    coalesce(computed_baselines.run_id, baseline_activations.run_id) as run_id,
    coalesce(computed_baselines.unit_id, baseline_activations.unit_id) as unit_id,
    computed_baselines.baseline_activation_mean as computed_mean,
    baseline_activations.baseline_activation_mean as stored_mean,
from computed_baselines
inner join runs on computed_baselines.run_id = runs.run_id
full join baseline_activations
    on computed_baselines.run_id = baseline_activations.run_id
    and computed_baselines.unit_id = baseline_activations.unit_id
where
    runs.status is distinct from 'running'
    and (
        computed_baselines.baseline_activation_mean is null
        or baseline_activations.baseline_activation_mean is null
        or abs(computed_baselines.baseline_activation_mean - baseline_activations.baseline_activation_mean)
        > 1e-5 * greatest(1, abs(computed_baselines.baseline_activation_mean))
    );
