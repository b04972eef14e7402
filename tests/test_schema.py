"""The files of sql/ and the database that is built from them."""

from __future__ import annotations

import ast
import os
import re
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import duckdb
import pytest

import warehouse
from warehouse import schema
from warehouse.cache import default_cache
from warehouse.checking import check
from warehouse.errors import NotAWarehouse, SchemaMismatch, WarehouseError
from warehouse.explicit import mark_explicit
from warehouse.export import export
from warehouse.labelling import add_label
from warehouse.loading import load_everything
from warehouse.run_choices import drop_run, show_run
from warehouse.schema import SQL, create_or_update

TABLES = sorted((SQL / "tables").glob("*.sql"))
VIEWS = sorted((SQL / "views").rglob("*.sql"))
FILES = sorted(SQL.rglob("*.sql"))
CREATED = re.compile(
    r"^create (?:table if not exists|or replace (?:table|view|macro)) ([\w.]+)", re.MULTILINE
)  # what a file of sql/tables or sql/views creates


def named(files: list[Path]) -> list[str]:
    return [str(file.relative_to(SQL)) for file in files]


def without_comments_and_strings(text: str) -> str:
    return re.sub(r"--.*|'(?:[^']|'')*'", lambda found: "''" if found[0].startswith("'") else "", text)


@pytest.fixture
def own_sql(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of sql/ to change, from which warehouses are built."""
    copy = Path(shutil.copytree(SQL, tmp_path / "sql"))
    monkeypatch.setattr(schema, "SQL", copy)
    return copy


# The files


@pytest.mark.parametrize("file", [*TABLES, *VIEWS], ids=named([*TABLES, *VIEWS]))
def test_a_file_creates_the_one_relation_it_is_named_after(file: Path) -> None:
    folder = file.parent.name
    expected = f"{folder}.{file.stem}" if folder == schema.ALL_RUNS else file.stem
    assert CREATED.findall(file.read_text()) == [expected]


@pytest.mark.parametrize("file", [*TABLES, *VIEWS], ids=named([*TABLES, *VIEWS]))
def test_a_relation_begins_with_its_question_and_its_source(file: Path) -> None:
    first, second, *_ = file.read_text().splitlines()
    assert first.startswith("-- ")
    assert "?" in first
    assert second.startswith("-- ")


@pytest.mark.parametrize("file", FILES, ids=named(FILES))
def test_sql_keeps_the_habits(file: Path) -> None:
    text = without_comments_and_strings(file.read_text())
    assert text == text.lower()
    assert not re.search(r"select\s+\*", text), "list the columns"
    assert not re.search(r"(?<!inner )(?<!left )(?<!full )(?<!cross )\bjoin\b", text), "name the kind of join"
    assert file.read_text().endswith(";\n")


@pytest.mark.parametrize("file", sorted((SQL / "checks").glob("*.sql")), ids=lambda file: file.stem)
def test_a_check_begins_with_the_question_that_it_answers(file: Path) -> None:
    assert re.fullmatch(r"-- .+\?", file.read_text().splitlines()[0])


@cache
def asked_for() -> set[str]:
    """What the statements of tests/test_*views*.py read or call: names after from or join, and before a bracket."""
    relations = set()
    for test in Path(__file__).parent.glob("test_*views*.py"):
        for node in ast.walk(ast.parse(test.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                relations |= set(re.findall(r"(?<=from )[\w.]+|(?<=join )[\w.]+|\w+(?=\()", node.value))
    return relations


@pytest.mark.parametrize("file", VIEWS, ids=named(VIEWS))
def test_a_view_has_a_test(file: Path) -> None:
    relation = f"{schema.ALL_RUNS}.{file.stem}" if file.parent.name == schema.ALL_RUNS else file.stem
    assert relation in asked_for(), f"no statement of tests/test_*views*.py reads {relation}"


# The database


def test_the_database_has_a_relation_for_each_file_and_no_other(empty_warehouse: Path) -> None:
    made = warehouse.query(
        "select table_name as name from duckdb_tables() where schema_name = 'main' "
        "union all select view_name from duckdb_views() where schema_name = 'main' and not internal "
        "union all select function_name from duckdb_functions() where schema_name = 'main' and not internal",
        warehouse=empty_warehouse,
    )["name"].to_list()
    assert sorted(made) == sorted(file.stem for file in [*TABLES, *VIEWS] if file.parent.name != schema.ALL_RUNS)


def test_every_table_view_and_macro_has_a_comment(empty_warehouse: Path) -> None:
    bare = warehouse.query(
        "select table_name as name from duckdb_tables() where nullif(trim(comment), '') is null "
        "union all select schema_name || '.' || view_name from duckdb_views() "
        "where not internal and nullif(trim(comment), '') is null "
        "union all select function_name from duckdb_functions() "
        "where not internal and nullif(trim(comment), '') is null",
        warehouse=empty_warehouse,
    )
    assert bare["name"].to_list() == []


def test_every_column_has_a_comment(empty_warehouse: Path) -> None:
    columns = warehouse.query(
        "select schema_name || '.' || table_name || '.' || column_name as name, comment from duckdb_columns() "
        "where not internal",
        warehouse=empty_warehouse,
    )
    assert len(columns) > 200
    assert [name for name, comment in columns.rows() if not (comment or "").strip()] == []


@pytest.mark.parametrize("schema_name", ["main", schema.ALL_RUNS])
def test_every_view_answers_on_an_empty_warehouse(empty_warehouse: Path, schema_name: str) -> None:
    with warehouse.read(empty_warehouse) as connection:
        views = connection.execute(
            "select view_name from duckdb_views() where not internal and schema_name = $schema_name",
            {"schema_name": schema_name},
        ).fetchall()
        assert len(views) > 50
        for (view,) in views:
            assert connection.execute(f"from {schema_name}.{view} limit 0").fetchall() == [], view


# Building


@pytest.mark.usefixtures("built_anew")
def test_a_new_file_is_a_warehouse_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "w.duckdb"
    create_or_update(path)
    assert warehouse.query("select schema_version from warehouse_info", warehouse=path).item() == schema.SCHEMA_VERSION
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["w.duckdb", "w.duckdb.lock"]


@pytest.mark.usefixtures("built_anew")
def test_a_build_that_is_cut_short_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "w.duckdb"

    def killed(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute("create table half_made (x integer)")
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(schema, "build", killed)
        with pytest.raises(KeyboardInterrupt):
            create_or_update(path)
    assert not path.exists()
    create_or_update(path)
    assert "half_made" not in warehouse.query("show tables", warehouse=path)["name"].to_list()


@pytest.fixture
def kept(first_built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the cache keeps after a user's first warehouse."""
    shutil.copytree(first_built.parent / "cache", tmp_path / "cache")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (file,) = (default_cache() / "empty").iterdir()
    return file


OBJECTS = [
    "select schema_name, table_name, comment, sql from duckdb_tables() where not internal",
    "select schema_name, view_name, comment from duckdb_views() where not internal",
    "select schema_name, function_name, comment, macro_definition from duckdb_functions() where not internal",
    "select schema_name, table_name, column_name, comment from duckdb_columns() where not internal",
    "select schema_version, sql_sha256 from warehouse_info",
]


@pytest.mark.usefixtures("kept")
def test_a_second_file_is_as_the_first(first_built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "second.duckdb"
    monkeypatch.setattr(schema, "build", lambda connection: pytest.fail("built again"))
    create_or_update(path)
    for sql in OBJECTS:
        first, second = (warehouse.query(f"{sql} order by all", warehouse=one) for one in (first_built, path))
        assert first.equals(second)
        assert len(first)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["cache", "second.duckdb", "second.duckdb.lock"]


@pytest.mark.parametrize("damage", ["cut short", "another file", "one bit", "empty", "a folder"])
def test_a_kept_file_that_is_no_use_is_not_used(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    if damage == "cut short":
        kept.write_bytes(kept.read_bytes()[:300_000])
    elif damage == "another file":
        kept.write_text("no warehouse")
    elif damage == "one bit":
        content = bytearray(kept.read_bytes())
        content[len(content) // 2] ^= 1
        kept.write_bytes(content)
    elif damage == "empty":
        kept.write_bytes(b"")
    else:
        kept.unlink()
        kept.mkdir()

    def building(connection: duckdb.DuckDBPyConnection) -> None:
        assert not connection.execute("from duckdb_tables()").fetchall()
        raise KeyboardInterrupt

    monkeypatch.setattr(schema, "build", building)
    with pytest.raises(KeyboardInterrupt):
        create_or_update(tmp_path / "w.duckdb")
    assert not (tmp_path / "w.duckdb").exists()


@pytest.mark.usefixtures("built_anew")
def test_without_a_cache_each_new_file_is_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "a file"))
    create_or_update(tmp_path / "w.duckdb")
    assert warehouse.query("from shown_runs", warehouse=tmp_path / "w.duckdb").is_empty()


def test_two_warehouses_have_different_identities(tmp_path: Path, empty_warehouse: Path) -> None:
    create_or_update(tmp_path / "other.duckdb")
    identities = [
        warehouse.query("select warehouse_id from warehouse_info", warehouse=path).item()
        for path in (empty_warehouse, tmp_path / "other.duckdb")
    ]
    assert len(set(identities)) == 2


def test_views_are_rebuilt_when_their_text_changes_and_rows_stay(small_warehouse: Path, own_sql: Path) -> None:
    before = warehouse.query("from activations order by all", warehouse=small_warehouse)
    view = own_sql / "views" / "shown_runs.sql"
    view.write_text(view.read_text().replace("runs.status = 'complete'", "runs.run_id = 1"))
    create_or_update(small_warehouse)
    assert warehouse.query("from shown_runs", warehouse=small_warehouse).rows() == [(1, "words", "")]
    assert warehouse.query("from activations order by all", warehouse=small_warehouse).equals(before)
    comments = warehouse.query("select comment from duckdb_columns() where not internal", warehouse=small_warehouse)
    assert comments["comment"].null_count() == 0


def test_findings_are_filled_anew_when_their_text_changes(small_warehouse: Path, own_sql: Path) -> None:
    rankings = own_sql / "findings" / "published_rankings.csv"
    rankings.write_text("finding_name,item_rank,item_name,activation_difference\nh_second,1,4/2/6/1188,0.5\nx,2,a b,\n")
    create_or_update(small_warehouse)
    found = warehouse.query("from published_rankings order by item_rank", warehouse=small_warehouse)
    assert found.rows() == [("h_second", 1, "4/2/6/1188", 0.5), ("x", 2, "a b", None)]


def test_views_are_left_alone_while_their_text_is_the_same(
    small_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = small_warehouse.read_bytes()
    monkeypatch.setattr(schema, "build", lambda connection: pytest.fail("built again"))
    create_or_update(small_warehouse)
    assert small_warehouse.read_bytes() == before


def test_a_rebuild_that_was_cut_short_leaves_the_file_as_it_was_and_is_done_again(
    small_warehouse: Path, own_sql: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = warehouse.query("from shown_runs order by run_id", warehouse=small_warehouse)
    view = own_sql / "views" / "shown_runs.sql"
    view.write_text(view.read_text().replace("runs.status = 'complete'", "runs.run_id = 1"))
    with monkeypatch.context() as patched:
        patched.setattr(schema, "_record", lambda connection: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            create_or_update(small_warehouse)
    assert warehouse.query("from shown_runs order by run_id", warehouse=small_warehouse).equals(before)
    create_or_update(small_warehouse)
    assert warehouse.query("from shown_runs", warehouse=small_warehouse).rows() == [(1, "words", "")]


def test_adding_a_view_is_adding_a_file_whatever_it_builds_on(small_warehouse: Path, own_sql: Path) -> None:
    (own_sql / "views" / "a.sql").write_text("create or replace view a as select z.run_id, from z;")
    (own_sql / "views" / "z.sql").write_text("create or replace view z as select shown_runs.run_id, from shown_runs;")
    create_or_update(small_warehouse)
    assert warehouse.query("from a order by run_id", warehouse=small_warehouse).rows() == [(2,), (4,)]
    assert warehouse.query("from all_runs.a order by run_id", warehouse=small_warehouse).rows() == [(1,), (2,), (4,)]


@pytest.mark.parametrize(
    ("select", "said"),
    [("from nowhere;", "Table with name nowhere does not exist"), ("selec 1;", "syntax error .* LINE 4: selec 1;")],
)
def test_a_view_that_cannot_be_made_is_named_in_one_line(
    small_warehouse: Path, own_sql: Path, select: str, said: str
) -> None:
    (own_sql / "views" / "broken.sql").write_text(f"-- Why?\n-- Because.\ncreate or replace view broken as\n{select}")
    with pytest.raises(WarehouseError, match=rf"sql/views/broken\.sql cannot be created: .*{said}") as caught:
        create_or_update(small_warehouse)
    assert "\n" not in str(caught.value)


# Files that are not a warehouse of ours


READERS: dict[str, Callable[[Path], object]] = {
    "query": lambda path: warehouse.query("select 1", warehouse=path),
    "read": warehouse.read,
    "check": check,
    "export": lambda path: export(path, "runs", path.with_name("runs.csv")),
}
WRITERS: dict[str, Callable[[Path], object]] = {
    "create_or_update": create_or_update,
    "load": load_everything,
    "label": lambda path: add_label("4/2/6/0", 6, "cat", warehouse=path),
    "explicit": lambda path: mark_explicit(path, ["cat.png"]),
    "show": lambda path: show_run(path, 1),
    "drop": lambda path: drop_run(path, 1),
}
USES = {**READERS, **WRITERS}
OLDER = [(use, schema.SCHEMA_VERSION - 1, "an older") for use in READERS]  # writers bring it up: test_migrations.py
NEWER = [(use, schema.SCHEMA_VERSION + 1, "a newer") for use in USES]


@pytest.mark.parametrize(("use", "version", "age"), [*OLDER, *NEWER])
def test_another_schema_version_is_refused_and_left_as_it_is(
    small_warehouse: Path, use: str, version: int, age: str
) -> None:
    with duckdb.connect(str(small_warehouse)) as connection:
        connection.execute(f"update warehouse_info set schema_version = {version}")
    before = small_warehouse.read_bytes()
    with pytest.raises(SchemaMismatch, match=f"made by {age} version .schema {version}, this program writes"):
        USES[use](small_warehouse)
    assert small_warehouse.read_bytes() == before


def a_text(path: Path) -> None:
    path.write_text("no database\n" * 100)


def an_empty_file(path: Path) -> None:
    path.touch()


def a_folder(path: Path) -> None:
    path.mkdir()


def another_database(path: Path) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table runs (run_id integer)")


def half_a_database(path: Path) -> None:
    another_database(path)
    os.truncate(path, path.stat().st_size // 2)


@pytest.mark.parametrize("use", USES.values(), ids=USES)
@pytest.mark.parametrize("make", [a_text, an_empty_file, a_folder, another_database, half_a_database])
def test_a_file_that_is_not_a_warehouse_is_refused_and_left_as_it_is(
    tmp_path: Path, make: Callable[[Path], None], use: Callable[[Path], object]
) -> None:
    path = tmp_path / "w.duckdb"
    make(path)
    before = None if path.is_dir() else path.read_bytes()
    with pytest.raises(NotAWarehouse, match=r"w\.duckdb is not a CLIP circuits warehouse \(.+\): name another file"):
        use(path)
    assert path.is_dir() if before is None else path.read_bytes() == before
