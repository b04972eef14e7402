-- Which pictures did a pictures run show, kept or not? One row per picture up to $count, in the order of their content.
-- Source: run_stimuli without unreadable pictures; ingest/stimuli/kept_pictures.py reads them again.
select
    stimuli.* exclude (stimulus_id),
from run_stimuli
inner join stimuli on run_stimuli.stimulus_id = stimuli.stimulus_id
where run_stimuli.run_id = $run_id and stimuli.error_message is null
order by stimuli.content_sha256
limit $count;
