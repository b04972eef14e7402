-- Which rows of a table belong to the runs $run_ids, which are dropped? {table} is every table with a run_id in turn.
-- Source: warehouse/run_choices.py. Stimuli stay: labels and other runs hang on them.
delete from {table} where list_contains($run_ids, {table}.run_id);
