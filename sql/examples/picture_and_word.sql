-- Which units of the last layer respond both to the word "hat" and to the first picture of a hat?
with hats as (
    select min(stimuli.stimulus_id) as stimulus_id,
    from shown_runs
    inner join run_stimuli on shown_runs.run_id = run_stimuli.run_id
    inner join stimuli on run_stimuli.stimulus_id = stimuli.stimulus_id
    where
        shown_runs.job_name = 'pictures'
        and stimuli.error_message is null
        and contains(plain_words(stimuli.stimulus_text), ' hat ')
)

select
    channel_intersection.unit_name,
    channel_intersection.activation_minimum,
    channel_intersection.first_activation_mean as word_activation_mean,
    channel_intersection.second_activation_mean as picture_activation_mean,
from channel_intersection('hat', (select '#' || hats.stimulus_id from hats)) as channel_intersection
where channel_intersection.layer_name = '4/2/6'
order by channel_intersection.activation_minimum desc
limit 10;
