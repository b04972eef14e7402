-- Which of some words does a run hold? One row per word.
-- The model is asked for words that are not stored.
select stimulus_text as word, is_explicit, error_message
from stimuli
where stimulus_text in $words and stimulus_id in (select stimulus_id from run_stimuli where run_id = $run);
