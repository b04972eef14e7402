"""The tables of one staged shard, inside the loader's transaction.

Three kinds, told apart by their columns and by sql/merges/:
- stimuli that the shard found have a stimulus_index that its other tables refer to; the loader gives them ids;
- tables without a run_id describe stimuli: known rows stay, except for errors that are now gone;
- facts have a run_id: they are added or, where sql/merges/ has a query of that name, merged with the run's rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb

from warehouse.errors import BrokenShard
from warehouse.schema import SQL, statement

_MISFITS = (
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.ConstraintException,
    duckdb.ConversionException,
    duckdb.InvalidInputException,
)
_INDEX = "stimulus_index"
_SHOWN_AS = {"error_message", "width_px", "height_px"}
_NO_FACTS = ("run_stimuli",)  # not counted as rows of the run: its own checks count them


def load_tables(connection: duckdb.DuckDBPyConnection, run_id: int, tables: Mapping[str, Path]) -> int:
    """Load a shard's tables; how many rows the run's facts gained. Raises BrokenShard for one that does not fit."""
    row_count = 0
    for table, file in sorted(tables.items(), key=lambda entry: entry[0] != "stimuli"):
        try:
            if table == "stimuli":
                register_stimuli(connection, file)
            else:
                row_count += _load(connection, file, run_id, table)
        except _MISFITS as error:
            raise BrokenShard(file, str(error).splitlines()[0]) from error
    return row_count


def register_stimuli(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    """Insert new stimuli, and update those that could not be shown before but can be now.

    Leaves the shard's ids in the temporary table stimulus_ids.
    """
    _keep(connection, "shard_stimuli", "select * from read_parquet($file)", file=str(file))
    _keep(connection, "stimulus_ids", statement("merges/stimuli"))
    connection.execute(
        f"insert into stimuli by name select * exclude ({_INDEX}, is_new) from stimulus_ids where is_new "
        f"order by {_INDEX}"
    )
    if set(_columns(connection, "from stimulus_ids")) >= _SHOWN_AS:  # not every shard has these columns
        connection.execute(statement("changes/mend_stimuli"))


def _load(connection: duckdb.DuckDBPyConnection, file: Path, run_id: int, table: str) -> int:
    rows = _rows_with_ids(connection, file)
    if "run_id" not in _columns(connection, f'from "{table}"'):
        connection.execute(f'insert or ignore into "{table}" by name {rows}', {"file": str(file)})
        return 0
    if (SQL / "merges" / f"{table}.sql").exists():
        return _merge_into(connection, file, run_id, table, rows)
    inserted = connection.execute(
        f'insert into "{table}" by name select $run_id::integer as run_id, * from ({rows})',
        {"run_id": run_id, "file": str(file)},
    ).fetchone()
    return inserted[0] if inserted and table not in _NO_FACTS else 0


def _merge_into(connection: duckdb.DuckDBPyConnection, file: Path, run_id: int, table: str, rows: str) -> int:
    """Replace the run's rows by the merged ones; how many rows that adds."""
    _keep(connection, "shard_rows", rows, file=str(file))
    _keep(connection, "merged_rows", statement(f"merges/{table}"), run_id=run_id)
    before = connection.execute(f'delete from "{table}" where run_id = $run_id', {"run_id": run_id}).fetchone()
    after = connection.execute(f'insert into "{table}" by name from merged_rows').fetchone()
    return (after[0] if after else 0) - (before[0] if before else 0)


def _rows_with_ids(connection: duckdb.DuckDBPyConnection, file: Path) -> str:
    """A query for a staged file's rows, with each column *stimulus_index replaced by its *stimulus_id."""
    names = _columns(connection, "from read_parquet($file)", file=str(file))
    indices = [name for name in names if name.endswith(_INDEX)]
    if not indices:
        return "select * from read_parquet($file)"
    ids = ", ".join(f"{name}_ids.stimulus_id as {name.removesuffix('index')}id" for name in indices)
    joins = " ".join(
        f"inner join stimulus_ids as {name}_ids on staged.{name} = {name}_ids.{_INDEX}" for name in indices
    )
    return f"select staged.* exclude ({', '.join(indices)}), {ids} from read_parquet($file) as staged {joins}"


def _columns(connection: duckdb.DuckDBPyConnection, relation: str, **params: str) -> list[str]:
    return [column[0] for column in connection.execute(f"{relation} limit 0", params).description or ()]


def _keep(connection: duckdb.DuckDBPyConnection, name: str, query: str, **params: str | int) -> None:
    connection.execute(f"create or replace temp table {name} as {query}", params)
