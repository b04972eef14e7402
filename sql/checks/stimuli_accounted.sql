-- Is every stimulus of a run known and given once, and has it no activations if it has an error?
with given as (
    select
        run_stimuli.run_id,
        run_stimuli.stimulus_id,
        count(*) as row_count,
    from run_stimuli
    group by run_stimuli.run_id, run_stimuli.stimulus_id
)

select
    given.run_id,
    given.stimulus_id,
    given.row_count,
    stimuli.error_message,
from given
left join stimuli on given.stimulus_id = stimuli.stimulus_id
where
    given.row_count > 1
    or stimuli.stimulus_id is null
    or (
        stimuli.error_message is not null
        and exists (
            from activations
            where activations.run_id = given.run_id and activations.stimulus_id = given.stimulus_id
        )
    );
