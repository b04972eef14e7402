-- What are the pictures called that a pictures run could show? One row per caption, in alphabetical order.
-- Source: run_stimuli. Concepts of a names run, where no others are given.
select distinct stimuli.stimulus_text
from run_stimuli
inner join stimuli using (stimulus_id)
where run_stimuli.run_id = $run_id and stimuli.error_message is null and trim(stimuli.stimulus_text) <> ''
order by stimuli.stimulus_text;
