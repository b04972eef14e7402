-- What are a stored graph's units called, and how far can the names be trusted? One row per unit.
-- The drawing of clip-warehouse explain --svg: names of the newest names run of the graph's model.
select unit_name, name, held_out_correlation, is_explicit
from all_runs.unit_names
where
    run_id = (
        select max_by(named.run_id, row(named.finished_at, named.run_id))
        from runs as named
        inner join runs as explained on named.model_id = explained.model_id
        where explained.run_id = $run and named.job_name = 'names' and named.status = 'complete'
    )
    and name_rank = 1
    and held_out_correlation is not null
    and unit_name in (select unit_name from all_runs.picture_graph_nodes where run_id = $run and is_shown);
