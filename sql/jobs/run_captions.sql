-- Which captions have the pictures that a pictures run could show? One row per caption, in alphabetical order.
-- Source: run_stimuli. A names run takes these as concepts if none are given.
select distinct stimuli.stimulus_text
from run_stimuli
inner join stimuli using (stimulus_id)
where run_stimuli.run_id = $run_id and stimuli.error_message is null and trim(stimuli.stimulus_text) <> ''
order by stimuli.stimulus_text;
