-- Is every activation a finite number, and is no mean above its maximum?
-- A mean is a rounded sum: on a constant map it may lie a few roundings above the maximum.
select
    activations.run_id,
    activations.stimulus_id,
    activations.unit_id,
    activations.activation_mean,
    activations.activation_max,
from activations
where
    not isfinite(activations.activation_mean)
    or not isfinite(activations.activation_max)
    or activations.activation_mean > activations.activation_max + 1e-4 * greatest(1, abs(activations.activation_max));
