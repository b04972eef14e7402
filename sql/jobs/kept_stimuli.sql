-- Which pictures did a pictures run keep, as they were shown? One row per kept picture up to $count, in the order of their content.
-- Source: kept_pictures of any complete run; ingest/stimuli/kept_pictures.py reads them again.
select
    stimuli.* exclude (stimulus_id),
from all_runs.kept_pictures as kept
inner join stimuli on kept.stimulus_id = stimuli.stimulus_id
where kept.run_id = $run_id and kept.picture_rank <= $count
order by kept.picture_rank;
