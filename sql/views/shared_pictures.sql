-- Which pictures did more than one of these runs show? One row per picture: from shared_pictures([5, 8]).
-- Source: run_stimuli; pictures that could not be shown do not count. Sketches of runs add up exactly where there are none.
create or replace macro shared_pictures(joined_runs) as table
select
    stimuli.stimulus_id,
    stimuli.source_uri,
    count(*) as run_count,
from run_stimuli
inner join stimuli on run_stimuli.stimulus_id = stimuli.stimulus_id
where list_contains(joined_runs, run_stimuli.run_id) and stimuli.error_message is null
group by stimuli.stimulus_id, stimuli.source_uri
having count(*) > 1;
comment on macro table shared_pictures is 'Pictures that more than one of the given runs showed.';
