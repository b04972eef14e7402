-- Which is the newest words run with a listed word at a listed layer? One row per model, word and layer.
-- Source: listed_items, run_stimuli; a run counts if it shows the word and measures the layer.
create or replace view listed_word_runs as
select
    runs.model_id,
    stimuli.stimulus_text,
    runs.run_id,
    stimuli.stimulus_id,
    listed_words.layer_name,
from (
    select distinct
        listed_items.stimulus_text,
        listed_items.layer_name,
    from listed_items
    where listed_items.measure in ('units among the first', 'rank of a unit', 'words that a unit answers to')
) as listed_words
inner join stimuli on listed_words.stimulus_text = stimuli.stimulus_text
inner join run_stimuli on stimuli.stimulus_id = run_stimuli.stimulus_id
inner join runs on run_stimuli.run_id = runs.run_id
where
    stimuli.stimulus_kind = 'word'
    and stimuli.error_message is null
    and runs.job_name = 'words'
    and runs.status = 'complete'
    and list_contains(json_extract_string(runs.settings, '$.layers[*]'), listed_words.layer_name)
qualify
    row_number() over (
        partition by runs.model_id, stimuli.stimulus_text, listed_words.layer_name
        order by runs.finished_at desc, runs.run_id desc
    ) = 1;
comment on view listed_word_runs is 'Newest words run of each model that shows a listed word.';
comment on column listed_word_runs.model_id is 'Model.';
comment on column listed_word_runs.stimulus_text is 'Word.';
comment on column listed_word_runs.run_id is 'Words run.';
comment on column listed_word_runs.stimulus_id is 'The word in it.';
comment on column listed_word_runs.layer_name is 'Address of the layer.';
