-- What did a words run show? One row.
-- The first words are what the page begins with.
select word_count, baseline_text, first_words from all_runs.word_coverage where run_id = $run;
