"""Writing into the warehouse: models and stimuli by identity, runs, and each staged shard exactly once."""

from __future__ import annotations

import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from warehouse.connection import READER_PATIENCE_S, WRITER_PATIENCE_S, open_reader, open_writer, transaction
from warehouse.errors import BrokenShard, WarehouseError
from warehouse.schema import open_updated, statement, utc_now
from warehouse.shard_tables import load_tables, register_stimuli
from warehouse.staging import NAME_DIGITS, Staging, staged_runs

_TURN_S = 1.0  # a transaction takes the shards that begin within it: readers wait about as long
NO_STIMULI = pl.DataFrame(schema={"stimulus_kind": pl.String, "content_sha256": pl.String})


@dataclass(frozen=True)
class ModelRecord:
    """A model with its layers and units: `model` one row, `layers` and `units` frames without ids.

    layers has the columns of the table but layer_id and model_id, in running order; units has layer_name,
    channel_index, unit_name, batch_norm_scale, batch_norm_shift, in the same order.
    """

    model: dict[str, str | int]
    layers: pl.DataFrame
    units: pl.DataFrame


@dataclass(frozen=True)
class RunRecord:
    """A run before it begins; settings and versions are JSON."""

    job_name: str
    settings: str
    settings_sha256: str
    device: str
    dtype: str
    versions: str
    shard_count: int
    part_name: str = ""
    baseline_content_sha256: str | None = None


@dataclass(frozen=True)
class ModelIds:
    """The ids of a model's layers, and of their units in channel order."""

    layer_ids: dict[str, int]
    unit_ids: dict[str, range]


@dataclass(frozen=True)
class Run:
    """A run in the warehouse: the shards that are loaded, and the ids that its rows use, of further models too."""

    run_id: int
    warehouse_id: str
    loaded: frozenset[int]
    layer_ids: dict[str, int] = field(repr=False)
    unit_ids: dict[str, range] = field(repr=False)
    stimulus_ids: Sequence[int] = field(repr=False)
    others: Sequence[ModelIds] = field(default=(), repr=False)


def begin_run(
    path: Path,
    run: RunRecord,
    model: ModelRecord | None,
    stimuli: pl.DataFrame,
    patience_s: float = WRITER_PATIENCE_S,
    *,
    others: Sequence[ModelRecord] = (),
) -> Run:
    """Register the models (if it has any), stimuli and run, each once; the same identities give the same ids again.

    stimuli: every column of the table except stimulus_id, in the order in which the run shows them. Run.unit_ids maps
    each layer name to its units' ids in channel order; Run.stimulus_ids follows the order of `stimuli`. others:
    further models that its rows refer to; Run.others follows their order.
    Raises WarehouseBusy, NotAWarehouse, SchemaMismatch, StorageFull.
    """
    with open_updated(path, patience_s, creating=True) as connection:
        with transaction(connection):
            model_id = _register_model(connection, model) if model else None
            other_ids = [_register_model(connection, other) for other in others]
            stimulus_ids = _register_stimuli(connection, stimuli)
            run_id = _register_run(connection, run, model_id, stimulus_ids)
        return Run(
            run_id=run_id,
            warehouse_id=_one(connection, "select warehouse_id from warehouse_info"),
            loaded=loaded_shards(connection, run_id),
            layer_ids=_layer_ids(connection, model_id),
            unit_ids=_unit_ids(connection, model_id),
            stimulus_ids=stimulus_ids,
            others=[ModelIds(_layer_ids(connection, one), _unit_ids(connection, one)) for one in other_ids],
        )


def load_staged(path: Path, staging: Staging, run_id: int, patience_s: float = WRITER_PATIENCE_S) -> list[int]:
    """Load every staged shard of a run, none in part, and finish the run after the last.

    One transaction takes the shards that begin within a second: opening the file, committing and closing it cost as
    much as one shard.

    Returns the indices of broken shards: they are discarded, and computed again later. Raises WarehouseBusy, with what
    is not loaded yet still staged, and BrokenShard for an intact shard that does not fit the tables (discarded too).
    """
    broken: list[int] = []
    waiting = deque(staging.staged())
    with ThreadPoolExecutor(1, "verifier") as verifier:
        verified = {index: verifier.submit(_tables_if_whole, staging, index) for index in waiting}
        while waiting:
            index = waiting[0]
            if verified[index].result() is None:
                broken.append(index)
                staging.discard(waiting.popleft())
                continue
            with open_writer(path, patience_s) as connection:
                _load_some(connection, run_id, waiting, lambda index: verified[index].result(), staging)
    return broken


def _load_some(
    connection: duckdb.DuckDBPyConnection,
    run_id: int,
    waiting: deque[int],
    tables_of: Callable[[int], dict[str, Path] | None],
    staging: Staging,
) -> None:
    """The first of the waiting shards, and as many more as begin within a turn, in one transaction.

    Raises BrokenShard, and discards that one: the others stay staged.
    """
    loaded: list[int] = []
    started = time.monotonic()
    with transaction(connection):
        while waiting and time.monotonic() - started < _TURN_S and (tables := tables_of(waiting[0])) is not None:
            loaded.append(waiting.popleft())
            try:
                _load_shard(connection, run_id, loaded[-1], tables)
            except BrokenShard:
                staging.discard(loaded[-1])
                raise
    for index in loaded:
        staging.discard(index)


def _tables_if_whole(staging: Staging, shard_index: int) -> dict[str, Path] | None:
    try:
        return staging.tables(shard_index)
    except BrokenShard:
        return None


def missing_shards(path: Path, run_id: int, patience_s: float = READER_PATIENCE_S) -> list[int]:
    """Indices of the shards of a run that are not loaded."""
    with open_reader(path, patience_s, locked_down=False) as connection:
        shard_count = _one(connection, "select shard_count from runs where run_id = $run_id", run_id=run_id)
        return sorted(frozenset(range(shard_count)) - loaded_shards(connection, run_id))


def load_everything(path: Path, patience_s: float = WRITER_PATIENCE_S) -> dict[int, int]:
    """Load what every ingest has left staged; the number of shards loaded, by run. Broken shards are dropped.

    Raises WarehouseMissing, NotAWarehouse, SchemaMismatch, WarehouseBusy, StorageFull, BrokenShard.
    """
    with open_updated(path, patience_s) as connection:
        warehouse_id = _one(connection, "select warehouse_id from warehouse_info")
        known = connection.execute("select run_id, settings_sha256 from runs").fetchall()
    names = staged_runs(path)
    loaded = {}
    for run_id, settings_sha256 in sorted(known, key=lambda run: run[1]):
        if settings_sha256[:NAME_DIGITS] not in names:
            continue
        staging = Staging(path, warehouse_id, settings_sha256)
        with staging.only_me():
            count = len(staging.staged())
            broken = load_staged(path, staging, run_id, patience_s)
            staging.remove()
        loaded[run_id] = count - len(broken)
    return loaded


def loaded_shards(connection: duckdb.DuckDBPyConnection, run_id: int) -> frozenset[int]:
    rows = connection.execute("select shard_index from shards where run_id = $run_id", {"run_id": run_id}).fetchall()
    return frozenset(row[0] for row in rows)


def _load_shard(connection: duckdb.DuckDBPyConnection, run_id: int, shard_index: int, tables: dict[str, Path]) -> None:
    """The shard's rows and its row in `shards`; the last one completes the run."""
    if shard_index in loaded_shards(connection, run_id):
        return
    row_count = load_tables(connection, run_id, tables)
    connection.execute(
        "insert into shards values ($run_id, $shard_index, $row_count, $loaded_at)",
        {"run_id": run_id, "shard_index": shard_index, "row_count": row_count, "loaded_at": utc_now()},
    )
    connection.execute(
        "update runs set row_count = row_count + $row_count where run_id = $run_id",
        {"run_id": run_id, "row_count": row_count},
    )
    _finish_if_last(connection, run_id)


def _finish_if_last(connection: duckdb.DuckDBPyConnection, run_id: int) -> None:
    shard_count = _one(connection, "select shard_count from runs where run_id = $run_id", run_id=run_id)
    if len(loaded_shards(connection, run_id)) < shard_count:
        return
    connection.execute(
        "insert into baseline_activations by name from computed_baselines where run_id = $run_id", {"run_id": run_id}
    )
    connection.execute(
        "update runs set status = 'complete', finished_at = $finished_at where run_id = $run_id",
        {"run_id": run_id, "finished_at": utc_now()},
    )


def _register_model(connection: duckdb.DuckDBPyConnection, record: ModelRecord) -> int:
    """The id of the model with these weights, registered with its layers and units if it is new."""
    known = connection.execute(
        "select model_id from models where weights_sha256 = $weights_sha256",
        {"weights_sha256": record.model["weights_sha256"]},
    ).fetchone()
    if known:
        named = {name: record.model[name] for name in ("model_name", "pretrained_tag", "weights_sha256")}
        connection.execute(statement("changes/place_model"), named)
        return int(known[0])
    model_id = _next_id(connection, "models", "model_id")
    first_layer_id = _next_id(connection, "layers", "layer_id")
    layers = record.layers.with_columns(layer_id=pl.int_range(pl.len()) + first_layer_id, model_id=pl.lit(model_id))
    units = record.units.join(
        layers.select("layer_name", "layer_id"), on="layer_name", how="left", maintain_order="left"
    ).drop("layer_name")
    units = units.with_columns(unit_id=pl.int_range(pl.len()) + _next_id(connection, "units", "unit_id"))
    _append(connection, "models", pl.DataFrame([{"model_id": model_id, **record.model}]))
    _append(connection, "layers", layers)
    _append(connection, "units", units)
    return model_id


def _register_stimuli(connection: duckdb.DuckDBPyConnection, stimuli: pl.DataFrame) -> list[int]:
    """The ids of these stimuli in their order; a stimulus of known kind and content keeps its id."""
    if stimuli.is_empty():
        return []
    identity = ["stimulus_kind", "content_sha256"]
    distinct = stimuli.unique(identity, keep="first", maintain_order=True).with_row_index("stimulus_index")
    with _written(distinct) as file:
        register_stimuli(connection, file)
    rows = connection.execute("select stimulus_id from stimulus_ids order by stimulus_index").fetchall()
    ids = distinct.select(identity).with_columns(pl.Series("stimulus_id", [row[0] for row in rows], pl.Int32))
    given = stimuli.select(identity).join(ids, on=identity, how="left", maintain_order="left")
    return given["stimulus_id"].to_list()


def _register_run(
    connection: duckdb.DuckDBPyConnection, record: RunRecord, model_id: int | None, stimulus_ids: Sequence[int]
) -> int:
    known = connection.execute(
        "select run_id from runs where settings_sha256 = $settings_sha256",
        {"settings_sha256": record.settings_sha256},
    ).fetchone()
    if known:
        return int(known[0])
    run_id = _next_id(connection, "runs", "run_id")
    row = {
        "run_id": run_id,
        "model_id": model_id,
        "job_name": record.job_name,
        "part_name": record.part_name,
        "settings": record.settings,
        "settings_sha256": record.settings_sha256,
        "status": "running",
        "device": record.device,
        "dtype": record.dtype,
        "versions": record.versions,
        "started_at": utc_now(),
        "finished_at": None,
        "shard_count": record.shard_count,
        "row_count": 0,
        "baseline_stimulus_id": _stimulus_of(connection, record.baseline_content_sha256),
    }
    _append(connection, "runs", pl.DataFrame([row]))
    given = pl.DataFrame({"stimulus_id": list(dict.fromkeys(stimulus_ids))}, schema={"stimulus_id": pl.Int32})
    _append(connection, "run_stimuli", given.with_columns(run_id=pl.lit(run_id)))
    return run_id


def _stimulus_of(connection: duckdb.DuckDBPyConnection, content_sha256: str | None) -> int | None:
    row = connection.execute(
        "select stimulus_id from stimuli where content_sha256 = $content_sha256", {"content_sha256": content_sha256}
    ).fetchone()
    return int(row[0]) if row else None


def _layer_ids(connection: duckdb.DuckDBPyConnection, model_id: int | None) -> dict[str, int]:
    rows = connection.execute(
        "select layer_name, layer_id from layers where model_id = $model_id", {"model_id": model_id}
    ).fetchall()
    return dict(rows)


def _unit_ids(connection: duckdb.DuckDBPyConnection, model_id: int | None) -> dict[str, range]:
    rows = connection.execute(statement("joins/layer_units"), {"model_id": model_id}).fetchall()
    return {layer_name: range(first, last + 1) for layer_name, first, last in rows}


def _append(connection: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame) -> None:
    with _written(frame) as file:
        connection.execute(f'insert into "{table}" by name from read_parquet($file)', {"file": str(file)})


@contextmanager
def _written(frame: pl.DataFrame) -> Iterator[Path]:
    """A frame as a Parquet file: scans of in-memory frames are not reliable in DuckDB 2.0.0."""
    parquet = BytesIO()  # Polars raises no OSError when a disk is full, so Python writes the file
    frame.write_parquet(parquet)
    with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
        file.write(parquet.getvalue())
        file.flush()
        yield Path(file.name)


def _next_id(connection: duckdb.DuckDBPyConnection, table: str, key: str) -> int:
    return int(_one(connection, f"select coalesce(max({key}), 0) + 1 from {table}"))


def _one(connection: duckdb.DuckDBPyConnection, sql: str, **params: Any) -> Any:
    row = connection.execute(sql, params).fetchone()
    if row is None:
        raise WarehouseError(f"nothing answers {sql}")
    return row[0]
