-- Which words were shown? One row per words run, the newest first.
-- Section Words.
select
    run_id, word_count, rejected_word_count, explicit_word_count, baseline_text, first_words
from word_coverage
order by run_id desc;
