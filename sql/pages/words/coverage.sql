-- Which words did a words run show? One row.
-- The page begins with the first words.
select word_count, baseline_text, first_words from all_runs.word_coverage where run_id = $run;
