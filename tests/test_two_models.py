"""Two models with the same addresses in one file, two runs of a job: no view and no macro mixes them.

All relations are taken from the catalogue, so that new ones are tested, too; a macro's arguments follow from their
names.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from helpers.opening import open_page
from helpers.two_models import OFFSET, SECOND, add_second_model

FILES = (("small_shares",), ("small_weights",), ("small_warehouse", "small_pictures"), ("small_sketches",))
VIEWS = "select view_name from duckdb_views() where schema_name = 'main' and not internal order by view_name"
MACROS = """select function_name, parameters
from duckdb_functions()
where function_type = 'table_macro' and schema_name = 'main' and not internal
order by function_name"""
KEYS = ("model_id", "layer_id", "unit_id", "run_id")
SAYS_MODEL = (*KEYS, "model_name")
# What is told of no model: the file's own contents, and macros whose argument is the run.
OF_NO_MODEL = {"relation_details", "shown_runs"}
OF_THE_FILE = {"run_details"}  # which runs are shown is a matter of all of a file's runs
NAMES_ITS_RUN = {"run", "joined_runs", "first_run"}
UNIT, OTHER_LAYER = "(select min(unit_name) from units)", "(select max(layer_name) from layers)"
LOWER_LAYER = "(select min(layer_name) from layers)"


@pytest.fixture(scope="module", params=FILES, ids="-".join)
def files(request: pytest.FixtureRequest, filled_with: Callable[..., Path], tmp_path_factory: Any) -> tuple[Path, Path]:
    """The same rows alone, and beside a second model's."""
    folder = tmp_path_factory.mktemp("models")
    alone = Path(shutil.copy(filled_with(*request.param), folder / "one.duckdb"))
    both = Path(shutil.copy(alone, folder / "two.duckdb"))
    add_second_model(both)
    return alone, both


@pytest.fixture
def one(files: tuple[Path, Path]) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(files[0]), read_only=True) as connection:
        yield connection


@pytest.fixture
def two(files: tuple[Path, Path]) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(files[1]), read_only=True) as connection:
        yield connection


def rows_of(connection: duckdb.DuckDBPyConnection, source: str) -> list[dict[str, Any]]:
    answer = connection.execute(f"from {source}")
    names = [name for name, *_ in answer.description or ()]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def is_second(column: str, value: Any) -> bool | None:
    """Whether a value speaks of the second model; None when it speaks of neither."""
    if value is None or not column.endswith(SAYS_MODEL):
        return None
    return str(value).startswith(SECOND) if column == "model_name" else int(value) > OFFSET


def models_of(row: dict[str, Any], of_neither: set[int]) -> set[bool]:
    """of_neither: runs that measured no model."""
    said = {is_second(name, value) for name, value in row.items() if not (name == "run_id" and value in of_neither)}
    return said - {None}


def of_neither(connection: duckdb.DuckDBPyConnection) -> set[int]:
    return {run for (run,) in connection.execute("select run_id from runs where model_id is null").fetchall()}


def calls(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, set[str], str]]:
    """(macro, its parameters, a call of it); the run is the first model's newest of the job that the macro reads."""
    for name, parameters in connection.execute(MACROS).fetchall():
        for run in runs_for(connection, name) if NAMES_ITS_RUN & set(parameters) else [None]:
            yield name, set(parameters), f"{name}({', '.join(argument(one, run) for one in parameters)})"


def runs_for(connection: duckdb.DuckDBPyConnection, name: str) -> list[int]:
    job = (
        "weights"
        if name.endswith(("histograms", "rank_correlations"))
        else "words"
        if name == "run_comparison"
        else "pictures"
    )
    found = f"select run_id from runs where job_name = '{job}' and status = 'complete' and run_id < {OFFSET}"
    return [run for (run,) in connection.execute(found).fetchall()]


def argument(name: str, run: int | None) -> str:
    known = {
        "unit": UNIT,
        "other_layer": OTHER_LAYER,
        "layer": OTHER_LAYER,
        "lower_layer": LOWER_LAYER,
        "upper_layer": OTHER_LAYER,
        "lower_ids": "range(1, 100)",
        "upper_id": "5",
        "channel": "0",
        "bin_count": "8",
        "neighbour_count": "20",
        "threshold": "0.5",
        "run": f"{run}",
        "first_run": f"{run}",
        "second_run": f"{run}",
        "joined_runs": f"[{run}]",
        "stimulus": "'cat'",
        "target": "'cat'",
        "baseline": "'eeeeee'",
        "asked_text": "'cat'",
        "asked_layer": "null",
        "asked_embedding": "null",
        "asked_runs": "null",
        "first_stimulus": "'cat'",
        "second_stimulus": "'dog'",
    }
    assert name in known, f"say here what a macro's {name} is in a test"
    return known[name]


def with_constants(connection: duckdb.DuckDBPyConnection, call: str) -> str:
    """A call whose arguments are literals: a table macro does not take a subquery as an argument."""
    for query in (UNIT, OTHER_LAYER, LOWER_LAYER):
        (value,) = connection.execute(f"select {query}").fetchone() or ("",)
        call = call.replace(query, f"'{value}'")
    return call.replace("'cat'", "6") if call.startswith("stimulus_level") else call  # it takes the key


def test_each_row_of_a_view_is_of_one_model(two: duckdb.DuckDBPyConnection) -> None:
    neither = of_neither(two)
    for (view,) in two.execute(VIEWS).fetchall():
        for relation in (view, f"all_runs.{view}"):
            rows = rows_of(two, relation)
            assert all(len(models_of(row, neither)) <= 1 for row in rows), relation
            silent = view not in OF_NO_MODEL and rows and not any(name.endswith(SAYS_MODEL) for name in rows[0])
            assert not silent, f"{relation} does not say of which model its rows are"


def test_a_second_model_changes_nothing_in_the_first_ones_rows(
    one: duckdb.DuckDBPyConnection, two: duckdb.DuckDBPyConnection
) -> None:
    neither = of_neither(two)
    for (view,) in two.execute(VIEWS).fetchall():
        if view in OF_NO_MODEL | OF_THE_FILE:
            continue
        alone = [row for row in rows_of(one, f"all_runs.{view}") if models_of(row, neither)]
        beside = [row for row in rows_of(two, f"all_runs.{view}") if models_of(row, neither) == {False}]
        assert sorted(map(repr, alone)) == sorted(map(repr, beside)), view


def test_each_row_of_a_macro_is_of_one_model(two: duckdb.DuckDBPyConnection) -> None:
    neither = of_neither(two)
    for name, parameters, call in calls(two):
        rows = rows_of(two, with_constants(two, call))
        assert all(len(models_of(row, neither)) <= 1 for row in rows), call
        says = not rows or any(column.endswith(SAYS_MODEL) for column in rows[0])
        assert says or NAMES_ITS_RUN & parameters, f"{name} does not say of which model its rows are"


def test_a_macro_that_is_given_a_run_answers_of_its_model_alone(
    one: duckdb.DuckDBPyConnection, two: duckdb.DuckDBPyConnection
) -> None:
    for _, parameters, call in calls(two):
        if NAMES_ITS_RUN & parameters:
            said = with_constants(two, call)
            assert sorted(map(repr, rows_of(one, said))) == sorted(map(repr, rows_of(two, said))), said


def test_a_macro_answers_for_each_model_apart(one: duckdb.DuckDBPyConnection, two: duckdb.DuckDBPyConnection) -> None:
    """Over all runs, as which are the newest is another question."""
    neither = of_neither(two)
    for connection in (one, two):
        connection.execute("set search_path = 'all_runs,main'")
    for _, parameters, call in calls(two):
        if not NAMES_ITS_RUN & parameters:
            said = with_constants(two, call)
            beside = [row for row in rows_of(two, said) if models_of(row, neither) == {False}]
            assert sorted(map(repr, rows_of(one, said))) == sorted(map(repr, beside)), said


PAGES = {
    "unit": {"unit": "4/1/6/0"},
    "circuit": {"unit": "4/1/6/0"},
    "words": {},
    "learning": {"bottleneck": "4/1", "images": "features", "definition": "published"},
    "distribution": {},
    "versatility": {},
}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_the_chosen_model_is_the_same_as_in_a_file_of_that_model_alone(
    page: str, filled_with: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that is written, without the sidebar: tags carry the model along in their links."""
    stems = FILES[0] if page in ("unit", "circuit", "learning") else FILES[1] if page == "versatility" else FILES[2]
    alone = Path(shutil.copy(filled_with(*stems), tmp_path / "one.duckdb"))
    both = Path(shutil.copy(alone, tmp_path / "two.duckdb"))
    add_second_model(both)
    with duckdb.connect(str(alone), read_only=True) as connection:
        (first,) = connection.execute("select first(model_name order by model_id) from models").fetchone() or ("",)
    expected = written(open_page(monkeypatch, alone, page, **PAGES[page]))
    assert "cannot be shown" not in expected
    assert written(open_page(monkeypatch, both, page, model=first, **PAGES[page])) == expected


def written(app: AppTest) -> str:
    """The page's texts and the statements that it asked."""
    parts = [part.proto.body for part in app.main.get("html")] + [part.value for part in app.main.get("code")]
    return re.sub(r"<[^>]*>|--model \S+ ", " ", "\n".join(parts)).replace("two.duckdb", "one.duckdb")
