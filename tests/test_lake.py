"""A warehouse as a folder of Parquet files: the same answers, whole or not at all."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl
import pytest

from clip_warehouse import main
from warehouse import lake
from warehouse.connection import transaction
from warehouse.errors import CannotWrite, UsageError
from warehouse.export import export
from warehouse.lake import SORTED_BY, VIEWS_FILE, export_lake
from warehouse.merging import merge
from warehouse.schema import ALL_RUNS

# A catalogue of the file itself: kinds and estimated sizes are those of views, not of tables.
OF_THE_FILE = "relation_details"
# Macros that read tables, with arguments that have an answer in small_pictures.sql.
CALLS = [
    "activations_on('cat')",
    "channel_difference('cat', 'eeeeee')",
    "channel_intersection('cat', 'dog')",
    "stimulus_level('4/2/6/0', 12)",
    "unit_card('4/2/6/0')",
    "unit_neighbours('4/2/6/0')",
]
ROWS = Path(__file__).parent / "rows"
# Each becomes the rows of a model of its own: with all of them, hardly a relation is empty.
OF_ONE_MODEL = [
    ("small_warehouse", "small_pictures"),
    ("small_weights", "small_effects"),
    ("small_shares",),
    ("small_sketches",),
    ("small_logits",),
    ("small_graph",),
    ("small_matches",),
]


def ignore(count: int) -> None:
    assert count >= 0


@contextmanager
def opened(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(f"set file_search_path = '{folder}'")
        with transaction(connection):  # one, not one for each of a thousand comments
            connection.execute((folder / VIEWS_FILE).read_text())
        yield connection


def relations(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        "select table_schema || '.' || table_name from information_schema.tables order by all"
    ).fetchall()
    return [row[0] for row in rows if not row[0].endswith(OF_THE_FILE)]


def answer(connection: duckdb.DuckDBPyConnection, relation: str) -> tuple[list[tuple[str, str]], list[str]]:
    """Names and types of the columns, and the rows as a multiset, with lists that have no order sorted."""
    result = connection.execute(f"from {relation}")
    columns = [(column[0], str(column[1])) for column in result.description or ()]
    rows = result.fetchall()
    for place, (name, _) in enumerate(columns):
        if name == "weight_sums":
            rows = [(*row[:place], row[place] and sorted(row[place]), *row[place + 1 :]) for row in rows]
    return columns, sorted(map(repr, rows))


@pytest.fixture(scope="module")
def exported(filled_with: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The warehouse of small_pictures and its lake; neither is to be written to."""
    path, folder = filled_with("small_warehouse", "small_pictures"), tmp_path_factory.mktemp("lake") / "lake"
    export_lake(path, folder, ignore)
    return path, folder


@pytest.fixture(scope="module")
def of_many_models(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    whole = folder / "whole.duckdb"
    for number, stems in enumerate(OF_ONE_MODEL):
        path = Path(shutil.copy(built, folder / f"{number}.duckdb"))
        with duckdb.connect(str(path)) as connection:
            for stem in stems:
                text = (ROWS / f"{stem}.sql").read_text()
                connection.execute(text.replace(" weights'", f" weights {number}'").replace("'weights'", f"'{number}'"))
        merge(whole, path, ignore)
    return whole


@pytest.fixture
def views_as_written(exported: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of the files alone: the views that an earlier export has tried over its own are not tried again."""
    written = (exported[1] / VIEWS_FILE).read_text()
    views = written.partition(f"create schema if not exists {ALL_RUNS};\n\n")[2]
    monkeypatch.setattr(lake, "create_views", lambda connection: views)


def test_the_views_of_another_export_are_the_same_text(
    exported: tuple[Path, Path], views_as_written: None, tmp_path: Path
) -> None:
    path, folder = exported
    export_lake(path, tmp_path / "lake", ignore)
    assert (tmp_path / "lake" / VIEWS_FILE).read_text() == (folder / VIEWS_FILE).read_text()


def test_every_relation_gives_the_same_rows_over_the_lake_as_in_the_file(of_many_models: Path, tmp_path: Path) -> None:
    export_lake(of_many_models, tmp_path / "lake", ignore)
    with opened(tmp_path / "lake") as over_lake, duckdb.connect(str(of_many_models), read_only=True) as in_file:
        assert relations(over_lake) == relations(in_file)
        for relation in relations(in_file):
            assert answer(over_lake, relation) == answer(in_file, relation), relation


def test_tables_without_a_row_have_the_same_columns(empty_warehouse: Path, tmp_path: Path) -> None:
    """And with them all that is asked of them."""
    export_lake(empty_warehouse, tmp_path / "lake", ignore)
    with opened(tmp_path / "lake") as over_lake, duckdb.connect(str(empty_warehouse), read_only=True) as in_file:
        for (table,) in in_file.execute("select table_name from duckdb_tables()").fetchall():
            assert answer(over_lake, table) == answer(in_file, table), table


def test_every_macro_answers_the_same_and_comments_come_along(exported: tuple[Path, Path]) -> None:
    path, folder = exported
    with opened(folder) as over_lake, duckdb.connect(str(path), read_only=True) as in_file:
        macros = "select function_name from duckdb_functions() where not internal order by all"
        assert over_lake.execute(macros).fetchall() == in_file.execute(macros).fetchall()
        for call in CALLS:
            assert answer(over_lake, call) == answer(in_file, call), call
            assert answer(in_file, call)[1], call
        comments = (
            "select schema_name, table_name, column_name, comment from duckdb_columns() where not internal order by all"
        )
        assert over_lake.execute(comments).fetchall() == in_file.execute(comments).fetchall()


def test_the_lake_opens_inside_its_folder_and_with_the_base_written_into_it(
    exported: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = Path(shutil.copytree(exported[1], tmp_path / "moved"))
    text = (moved / VIEWS_FILE).read_text()
    with duckdb.connect() as connection:
        connection.execute(text.replace("read_parquet('", f"read_parquet('{moved}/"))
        assert connection.execute("select count(*) from word_top_units").fetchone() == (9,)
    monkeypatch.chdir(moved)
    with duckdb.connect() as connection:
        connection.execute(text)
        assert connection.execute("select count(*) from all_runs.word_activations").fetchone() == (15,)


@pytest.mark.usefixtures("views_as_written")
def test_a_large_fact_is_a_folder_a_run_cut_into_files_of_whole_units_in_order(
    small_pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lake, "ROWS_PER_FILE", 4)
    advanced: list[int] = []
    total = export_lake(small_pictures, tmp_path / "lake", advanced.append)
    assert total == sum(advanced)
    folder = tmp_path / "lake" / "activations"
    assert sorted(entry.name for entry in folder.iterdir()) == [f"run_id={run}" for run in range(1, 7)]
    files = sorted((folder / "run_id=2").iterdir())
    assert [file.name for file in files] == ["part-0.parquet", "part-1.parquet", "part-2.parquet"]
    frames = [pl.read_parquet(file, hive_partitioning=False) for file in files]
    assert [frame["unit_id"].to_list() for frame in frames] == [[1] * 4, [2] * 4, [3] * 4]
    assert [frame["stimulus_id"].to_list() for frame in frames] == [[1, 2, 3, 4]] * 3
    assert frames[0].columns == ["stimulus_id", "unit_id", "activation_mean", "activation_max"]


def test_a_sorted_table_names_columns_that_it_has(empty_warehouse: Path) -> None:
    with duckdb.connect(str(empty_warehouse), read_only=True) as connection:
        for table, (unit, order) in SORTED_BY.items():
            connection.execute(f"select run_id, {unit} from {table} order by {order}")


def test_a_folder_that_is_not_empty_is_refused_and_left(small_warehouse: Path, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "cat.jpg").touch()
    with pytest.raises(UsageError, match="is not empty: name a new folder"):
        export_lake(small_warehouse, taken, ignore)
    assert [entry.name for entry in taken.iterdir()] == ["cat.jpg"]
    with pytest.raises(UsageError, match="is a file: name a new folder"):
        export_lake(small_warehouse, taken / "cat.jpg", ignore)
    with pytest.raises(UsageError, match="is a file"):
        export_lake(small_warehouse, small_warehouse, ignore)


@pytest.mark.usefixtures("views_as_written")
def test_an_empty_folder_becomes_the_lake(small_warehouse: Path, tmp_path: Path) -> None:
    (tmp_path / "lake").mkdir()
    export_lake(small_warehouse, tmp_path / "lake", ignore)
    assert (tmp_path / "lake" / VIEWS_FILE).exists()


def stopping(error: BaseException) -> Callable[[int], None]:
    def stop(count: int) -> None:
        raise error

    return stop


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_an_export_that_fails_leaves_nothing(small_warehouse: Path, tmp_path: Path, error: BaseException) -> None:
    before = sorted(tmp_path.iterdir())
    with pytest.raises((KeyboardInterrupt, CannotWrite), match=r"No space|^$"):
        export_lake(small_warehouse, tmp_path / "lake", stopping(error))
    assert [entry for entry in sorted(tmp_path.iterdir()) if entry.suffix != ".lock"] == before


@pytest.mark.usefixtures("views_as_written")
def test_all_of_a_lake_is_on_the_disk_before_it_has_its_name(
    small_pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a loss of power may leave the name and not the content."""
    target, synced = tmp_path / "lake", []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(Path(f"/proc/self/fd/{descriptor}").readlink()))
    rename = Path.rename

    def rename_if_synced(self: Path, name: Path) -> Path:
        assert {*self.rglob("*"), self} <= set(synced)
        return rename(self, name)

    monkeypatch.setattr(Path, "rename", rename_if_synced)
    export_lake(small_pictures, target, ignore)
    assert len(synced) > 40
    assert synced[-1] == tmp_path and target.is_dir()
    export(small_pictures, "runs", tmp_path / "runs.parquet")
    export(small_pictures, "runs", tmp_path / "parts", ["job_name"])
    assert synced[-1] == tmp_path


KILLED = """
import os, signal, sys
from pathlib import Path
from warehouse.lake import export_lake

left = [int(sys.argv[3])]

def kill(*_):
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)

def rename(written, final):
    os.kill(os.getpid(), signal.SIGKILL)

Path.rename = rename
export_lake(Path(sys.argv[1]), Path(sys.argv[2]), kill)
"""


@pytest.mark.usefixtures("views_as_written")
@pytest.mark.parametrize("tables", [8, 17, 1000], ids=["early", "late", "before its name"])
def test_a_killed_export_leaves_no_half_lake_and_the_next_one_clears_up(
    small_warehouse: Path, tmp_path: Path, tables: int
) -> None:
    target = tmp_path / "lake"
    command = [sys.executable, "-c", KILLED, str(small_warehouse), str(target), str(tables)]
    killed = subprocess.run(command, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert not target.exists()
    unfinished = tmp_path / ".lake.unfinished"
    assert len(list(unfinished.iterdir())) > 3
    (unfinished / "stray").touch()
    export_lake(small_warehouse, target, ignore)
    assert not unfinished.exists()
    assert not (target / "stray").exists()
    with opened(target) as connection:
        assert connection.execute("select count(*) from activations").fetchone() == (24,)


def test_ctrl_c_inside_a_query_is_one_line_and_leaves_nothing(
    small_warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    def interrupted(connection: duckdb.DuckDBPyConnection, rows: str, file: Path) -> int:
        raise RuntimeError("Query interrupted")  # what DuckDB makes of a Ctrl-C

    monkeypatch.setattr(lake, "_copy", interrupted)
    assert main(["export", "--lake", str(tmp_path / "lake"), "--warehouse", str(small_warehouse)]) == 130
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert said.startswith("clip-warehouse: stopped; nothing half written") and "kept" not in said
    assert not (tmp_path / "lake").exists()
    assert not (tmp_path / ".lake.unfinished").exists()


@pytest.mark.usefixtures("views_as_written")
def test_two_exports_do_not_write_one_folder(small_warehouse: Path, tmp_path: Path) -> None:
    def export_again(count: int) -> None:
        with pytest.raises(UsageError, match="another export is writing"):
            export_lake(small_warehouse, tmp_path / "lake", ignore)

    export_lake(small_warehouse, tmp_path / "lake", export_again)
    assert (tmp_path / "lake" / VIEWS_FILE).exists()


@pytest.mark.usefixtures("views_as_written")
def test_the_command_writes_a_lake_or_says_why_not(
    small_warehouse: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    where = ["--warehouse", str(small_warehouse)]
    target = str(tmp_path / "lake")
    assert main(["export", "--lake", target, *where]) == 0
    out, err = capsys.readouterr()
    assert f"rows written to {target}; open it there with: duckdb -init views.sql" in out
    assert "rows/s" in err
    assert main(["export", "--lake", target, *where]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert main(["export", "runs", "--lake", f"{target}2", *where]) == 2
    assert main(["export", "runs", *where]) == 2
    assert "export takes RELATION PATH, or --lake DIR" in capsys.readouterr().err
    assert not Path(f"{target}2").exists()


def test_a_place_that_cannot_be_written_is_reported(small_warehouse: Path) -> None:
    with pytest.raises(CannotWrite, match="cannot write"):
        export_lake(small_warehouse, small_warehouse / "lake", ignore)
