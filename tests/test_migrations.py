"""Warehouses of every earlier schema, made from the tables of their time, open and answer as today's do.

tests/schemas/ holds the tables of each commit that changed them (git log -- sql/tables); all call themselves schema 1.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import duckdb
import pytest

import warehouse
from clip_warehouse import main
from warehouse import schema
from warehouse.checking import check
from warehouse.errors import OtherViews, QueryError, SchemaMismatch, WarehouseError, WarehouseMissing
from warehouse.explicit import mark_explicit
from warehouse.loading import load_everything
from warehouse.migrations import due
from warehouse.run_choices import show_run
from warehouse.schema import SQL, create_or_update, open_updated, update

Rows = dict[str, list[tuple[object, ...]]]
Shape = tuple[list[tuple[object, ...]], list[tuple[object, ...]]]
ROWS = Path(__file__).parent / "rows" / "small_warehouse.sql"
ROWS_OF_WEIGHTS = Path(__file__).parent / "rows" / "small_weights.sql"
SCHEMAS = sorted((Path(__file__).parent / "schemas").glob("*.sql"))
WITHOUT_PARTS = [file for file in SCHEMAS if "part_name" not in file.read_text()]
WITH_WEIGHTS = [file for file in SCHEMAS if "table contribution_statistics" in file.read_text()]
COLUMNS = (
    "select table_name, column_name, data_type, is_nullable, column_default, column_index, comment "
    "from duckdb_columns() where not internal order by all"
)
APPLIED = [(1, "1_runs_have_parts.sql"), (2, "2_published_shares_have_models.sql")]
OF_THE_FILE = ("warehouse_info", "migrations", "relation_details")
CONSTRAINTS = "select table_name, constraint_type, constraint_text from duckdb_constraints() order by all"


def made_with(schema_file: Path, rows: Path, path: Path) -> Path:
    """A file of that schema with rows whose answers the other tests know."""
    text = rows.read_text()
    if schema_file in WITHOUT_PARTS:
        text = re.sub(r"(\(\d, 1, '\w+'), '', '{", r"\1, '{", text)
    with duckdb.connect(str(path)) as connection:
        connection.execute(schema_file.read_text())
        connection.execute(text)
    return path


def everything(path: Path) -> Rows:
    """The rows of every table but those that tell of the file itself, and from which statements its views were made."""
    tables = rows(path, "select 'main.' || table_name from duckdb_tables()")
    return {**tables, "statements": [(built_from(path),)]}


def answers(path: Path) -> Rows:
    """The rows of every view."""
    return rows(path, "select schema_name || '.' || view_name from duckdb_views() where not internal")


def rows(path: Path, relations: str) -> Rows:
    with warehouse.read(path) as connection:
        found = [name for (name,) in connection.execute(relations).fetchall() if name.split(".")[1] not in OF_THE_FILE]
        return {name: connection.execute(f"from {name} order by all").fetchall() for name in found}


def built_from(path: Path) -> str:
    """SHA-256 of the statements that made its views and macros."""
    with warehouse.read(path) as connection:
        (sha256,), *_ = connection.execute("select sql_sha256 from warehouse_info").fetchall()
        return str(sha256)


def shape(path: Path) -> Shape:
    with warehouse.read(path) as connection:
        return connection.execute(COLUMNS).fetchall(), connection.execute(CONSTRAINTS).fetchall()


@pytest.fixture(scope="module")
def new(filled_with: Callable[..., Path]) -> Callable[[str], tuple[Shape, Rows]]:
    """What a new file with some of rows/ is, and holds."""
    return cache(lambda stem: (shape(filled_with(stem)), everything(filled_with(stem))))


def migrations(path: Path) -> list[tuple[object, ...]]:
    return warehouse.query("select schema_version, migration_name from migrations", warehouse=path).rows()


def test_the_schema_version_is_the_last_migrations_number() -> None:
    numbers = [number for number, _ in due(SQL / "migrations", 0)]
    assert numbers == list(range(1, schema.SCHEMA_VERSION + 1))
    assert len(SCHEMAS) == 6 and len(WITHOUT_PARTS) == 3


@pytest.mark.parametrize("schema_file", SCHEMAS, ids=lambda file: file.stem)
def test_an_earlier_file_becomes_what_a_new_one_is(
    schema_file: Path, tmp_path: Path, new: Callable[[str], tuple[Shape, Rows]], filled_with: Callable[..., Path]
) -> None:
    path = made_with(schema_file, ROWS, tmp_path / "earlier.duckdb")
    create_or_update(path)
    assert (shape(path), everything(path)) == new(ROWS.stem)
    if schema_file == SCHEMAS[0]:
        assert answers(path) == answers(filled_with(ROWS.stem))
    assert [result for result in check(path) if result.failing_count] == []
    told = APPLIED if schema_file in WITHOUT_PARTS else APPLIED[1:]
    assert migrations(path) == told
    assert warehouse.query("from warehouse_info", warehouse=path).row(0)[:2] == ("of an earlier version", 2)


@pytest.mark.parametrize("schema_file", WITH_WEIGHTS, ids=lambda file: file.stem)
def test_an_earlier_file_of_weights_keeps_its_rows(
    schema_file: Path, tmp_path: Path, new: Callable[[str], tuple[Shape, Rows]], filled_with: Callable[..., Path]
) -> None:
    """All rows and all statements over them are a new file's, so all answers are: of the oldest they are asked, too."""
    path = made_with(schema_file, ROWS_OF_WEIGHTS, tmp_path / "earlier.duckdb")
    create_or_update(path)
    assert everything(path) == new(ROWS_OF_WEIGHTS.stem)[1]
    if schema_file == WITH_WEIGHTS[0]:
        assert answers(path) == answers(filled_with(ROWS_OF_WEIGHTS.stem))
    assert [result for result in check(path) if result.failing_count] == []


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    return made_with(SCHEMAS[0], ROWS, tmp_path / "earlier.duckdb")


def begin(path: Path) -> None:
    """As a run does, before it registers itself."""
    with open_updated(path, creating=True):
        pass


WRITERS: dict[str, Callable[[Path], object]] = {
    "migrate": lambda path: main(["migrate", "--warehouse", str(path)]),
    "load": load_everything,
    "explicit": lambda path: mark_explicit(path, ["cat.png"]),
    "show": lambda path: show_run(path, 1),
    "ingest": begin,
}


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_any_writer_migrates_once(earlier: Path, write: Callable[[Path], object]) -> None:
    for _ in range(2):
        write(earlier)
        assert migrations(earlier) == APPLIED
        assert warehouse.query("select count(*) from runs", warehouse=earlier).item() == 4


@pytest.mark.parametrize(
    "verb", [["query", "from runs"], ["check"], ["status"], ["export", "runs", "runs.csv"]], ids=str
)
def test_a_reader_of_an_earlier_file_learns_what_to_do(
    earlier: Path, verb: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    before = earlier.read_bytes()
    assert main([*verb, "--warehouse", str(earlier)]) == 1
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1
    assert f"'clip-warehouse migrate --warehouse {earlier}' upgrades it" in said.err
    assert earlier.read_bytes() == before


def test_the_verb_says_what_it_did(earlier: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate", "--warehouse", str(earlier)]) == main(["migrate", "--warehouse", str(earlier)]) == 0
    done = f"{earlier} has schema 2 and this version's views\n"
    assert capsys.readouterr().out == f"1_runs_have_parts applied\n2_published_shares_have_models applied\n{done}{done}"


def test_there_must_be_a_file(tmp_path: Path) -> None:
    with pytest.raises(WarehouseMissing):
        update(tmp_path / "none.duckdb")
    assert list(tmp_path.iterdir()) == []


def test_a_newer_file_is_refused(small_warehouse: Path) -> None:
    with duckdb.connect(str(small_warehouse)) as connection:
        connection.execute("update warehouse_info set schema_version = schema_version + 1")
    with pytest.raises(SchemaMismatch, match=r"a newer version .schema 3, this program writes 2.: install a newer"):
        update(small_warehouse)


@pytest.fixture
def failing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Migrations of which the first two are ours, the third changes a table and then fails."""
    copy = Path(shutil.copytree(SQL, tmp_path / "sql"))
    monkeypatch.setattr(schema, "SQL", copy)
    monkeypatch.setattr(schema, "SCHEMA_VERSION", 3)
    last = copy / "migrations" / "3_no_units.sql"
    last.write_text("delete from units;\nalter table nowhere drop column x;\n")
    return last


def test_all_migrations_are_one_transaction(earlier: Path, failing: Path) -> None:
    with pytest.raises(WarehouseError, match=r"sql/migrations/3_no_units\.sql does not fit this file .*left as it is"):
        update(earlier)
    with duckdb.connect(str(earlier)) as connection:
        tables = {name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()}
        assert "part_name" not in {name for name, *_ in connection.execute("describe runs").fetchall()}
        assert "migrations" not in tables and "migrated_runs" not in tables
        assert connection.execute("select count(*) from units").fetchone() == (3,)
    failing.write_text("alter table units add column note text;\n")
    assert update(earlier) == ["1_runs_have_parts", "2_published_shares_have_models", "3_no_units"]
    assert migrations(earlier) == [*APPLIED, (3, "3_no_units.sql")]


def test_views_of_another_version_are_named_as_the_reason(small_warehouse: Path) -> None:
    with duckdb.connect(str(small_warehouse)) as connection:
        connection.execute("drop view computed_baselines; drop table labels")
        connection.execute("drop view shown_runs; update warehouse_info set sql_sha256 = 'older'")
    with pytest.raises(QueryError, match=r"shown_runs does not exist.*another version's: clip-warehouse migrate$"):
        warehouse.query("from shown_runs", warehouse=small_warehouse)
    update(small_warehouse)
    with pytest.raises(QueryError) as caught:
        warehouse.query("from nowhere", warehouse=small_warehouse)
    assert "migrate" not in str(caught.value)


def test_checks_of_a_file_without_todays_tables_name_the_command(small_warehouse: Path) -> None:
    with duckdb.connect(str(small_warehouse)) as connection:
        connection.execute("drop table top_examples; update warehouse_info set sql_sha256 = 'older'")
    with pytest.raises(OtherViews, match=r"top_examples does not exist.*'clip-warehouse migrate --warehouse"):
        check(small_warehouse)
    update(small_warehouse)
    assert len(check(small_warehouse)) > 15
