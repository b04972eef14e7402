-- Which pictures did a typographic run show, clean and with the text? One row per picture and of its pair, up to $count pairs by content.
-- Source: ingest/stimuli/attacked_pictures.py, which reads the clean ones again; attacked_pictures of any complete run.
select
    attacked.is_attacked,
    attacked.clean_sha256,
    stimuli.* exclude (stimulus_id),
from all_runs.attacked_pictures as attacked
inner join stimuli on attacked.stimulus_id = stimuli.stimulus_id
where attacked.run_id = $run_id and attacked.pair_rank <= $count
order by attacked.pair_rank, attacked.is_attacked;
