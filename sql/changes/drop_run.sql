-- Which rows of a table belong to the dropped runs, $run_ids? {table} is each table with a run_id in turn.
-- Source: warehouse/run_choices.py. Stimuli stay, because labels and other runs need them.
delete from {table} where list_contains($run_ids, {table}.run_id);
