-- Which pictures did a typographic run show, clean and with the text? One row per picture, up to $count pairs in the order of their content.
-- Source: attacked_pictures of any complete run; ingest/stimuli/attacked_pictures.py reads the clean ones again.
select
    attacked.is_attacked,
    attacked.clean_sha256,
    stimuli.* exclude (stimulus_id),
from all_runs.attacked_pictures as attacked
inner join stimuli on attacked.stimulus_id = stimuli.stimulus_id
where attacked.run_id = $run_id and attacked.pair_rank <= $count
order by attacked.pair_rank, attacked.is_attacked;
