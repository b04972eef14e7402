-- Is each (run, stimulus, unit) stored at most once?
select
    activations.run_id,
    activations.stimulus_id,
    activations.unit_id,
    count(*) as row_count,
from activations
group by activations.run_id, activations.stimulus_id, activations.unit_id
having count(*) > 1;
