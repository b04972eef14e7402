"""Statements that never end, want all memory, or only look dangerous, by every way that a person has to ask."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import warehouse
from clip_warehouse import main
from helpers.hostile_statements import DEAF, ENDLESS, ENDLESS_ROWS, GREEDY, HARMLESS, HOSTILE
from warehouse import query_process
from warehouse.errors import QueryError, QueryRefused, QueryTimeout, UsageError
from warehouse.query_process import Askers
from warehouse.reading import fetch

TESTS = Path(__file__).parent
LIMIT_S = 0.1
MEMORY_BYTES = 6 << 30
# A process of its own, so that what is not stopped ends there: it prints, per statement and way, what came of it.
ASK_ALL = f"""
import json, resource, sys
sys.path[:0] = [{str(TESTS.parent)!r}, {str(TESTS)!r}]
import numpy, polars, pyarrow
import warehouse.connection
from clip_warehouse import main
from helpers.hostile_statements import ENDLESS, GREEDY
from warehouse.errors import ClipWarehouseError
from warehouse.reading import fetch, query
resource.setrlimit(resource.RLIMIT_AS, ({MEMORY_BYTES}, {MEMORY_BYTES}))
warehouse.connection._LOCKED_DOWN["memory_limit"] = "256MB"
ways = {{
    "page": lambda sql: query(sql, warehouse=sys.argv[1], row_limit=100_000, time_limit_s={LIMIT_S}),
    "query": lambda sql: fetch(sql, warehouse=sys.argv[1], row_limit=1_000, time_limit_s={LIMIT_S}),
}}
for sql in [*ENDLESS, *GREEDY]:
    for way, ask in ways.items():
        try:
            ask(sql)
            came = "an answer"
        except ClipWarehouseError as error:
            came = type(error).__name__
        print(json.dumps([sql, way, came]), flush=True)
"""


def test_nothing_endless_or_greedy_outlives_its_limit(small_warehouse: Path) -> None:
    asked = subprocess.run(
        [sys.executable, "-c", ASK_ALL, str(small_warehouse)], capture_output=True, text=True, timeout=120
    )
    came = [json.loads(line) for line in asked.stdout.splitlines()]
    assert asked.returncode == 0, asked.stderr
    assert len(came) == 2 * (len(ENDLESS) + len(GREEDY)), came[-1]
    assert [row for row in came if row[0] in ENDLESS and row[2] != "QueryTimeout"] == []
    assert [row for row in came if row[0] in GREEDY and row[2] not in ("QueryError", "QueryTimeout")] == []
    print(f"{len(HOSTILE)} hostile, {len(ENDLESS)} endless, {len(GREEDY)} greedy statements tried")
    assert len(HOSTILE) > 150


def test_the_first_rows_of_an_endless_answer_do_not_wait_for_the_others(small_warehouse: Path) -> None:
    answer = fetch(ENDLESS_ROWS, warehouse=small_warehouse, row_limit=3, time_limit_s=60)
    assert (answer.rows, answer.is_cut) == ([(1,), (2,), (3,)], True)


@pytest.mark.parametrize("sql", HARMLESS)
def test_what_only_looks_dangerous_is_answered_and_changes_nothing(small_warehouse: Path, sql: str) -> None:
    assert isinstance(warehouse.query(sql, warehouse=small_warehouse), pl.DataFrame)
    before = small_warehouse.read_bytes(), sorted(small_warehouse.parent.iterdir())
    assert len(fetch(sql, warehouse=small_warehouse, row_limit=10).rows) <= 1
    assert (small_warehouse.read_bytes(), sorted(small_warehouse.parent.iterdir())) == before


@pytest.mark.parametrize("limit_s", [0, -1, float("nan"), float("inf"), 1e300])
def test_a_time_limit_that_would_never_come_is_refused(small_warehouse: Path, limit_s: float) -> None:
    with pytest.raises(UsageError, match="a time limit of"):
        warehouse.query("select 1", warehouse=small_warehouse, time_limit_s=limit_s)
    assert main(["query", "select 1", "--timeout", str(limit_s), "--warehouse", str(small_warehouse)]) == 2


@pytest.mark.parametrize("rows", [0, -1, 10**20])
def test_an_invalid_row_limit_is_refused(small_warehouse: Path, rows: int) -> None:
    for ask in (warehouse.query, fetch):
        with pytest.raises(UsageError, match=f"a limit of {rows} rows"):
            ask("select 1", warehouse=small_warehouse, row_limit=rows)
    for verb in (["query", "select 1", "--limit"], ["difference", "cat", "--top"]):
        assert main([*verb, str(rows), "--warehouse", str(small_warehouse)]) == 2


def test_a_statement_that_is_not_text_is_refused(small_warehouse: Path) -> None:
    with pytest.raises(QueryRefused, match="is not text"):
        warehouse.query("select '\udcff'", warehouse=small_warehouse)


def test_no_watchdog_is_left_behind(small_warehouse: Path) -> None:
    before = threading.active_count()
    warehouse.query("select 1", warehouse=small_warehouse)
    with pytest.raises(QueryTimeout):
        warehouse.query(ENDLESS[0], warehouse=small_warehouse, time_limit_s=0.05)
    assert threading.active_count() == before


@pytest.fixture
def askers() -> Iterator[Askers]:
    found = Askers()
    yield found
    found.close()


def asked(askers: Askers, path: Path, sql: str, limit_s: float = 60) -> pl.DataFrame:
    return askers.query(sql, warehouse=path, row_limit=100, time_limit_s=limit_s, patience_s=5)


def test_what_ignores_interrupts_is_ended_with_its_process_and_the_next_question_answered(
    small_warehouse: Path, askers: Askers
) -> None:
    assert asked(askers, small_warehouse, "select 1 as x").item() == 1
    (process,) = askers._waiting
    with pytest.raises(QueryTimeout, match=r"stopped after 0\.1 s"):
        asked(askers, small_warehouse, DEAF, LIMIT_S)
    assert process.returncode is not None
    assert asked(askers, small_warehouse, "select 2 as x").item() == 2


def test_the_command_ends_with_a_statement_that_ignores_interrupts(small_warehouse: Path) -> None:
    command = [sys.executable, "-m", "clip_warehouse", "query", DEAF, "--timeout", str(LIMIT_S)]
    ended = subprocess.run(
        [*command, "--warehouse", str(small_warehouse)], cwd=TESTS.parent, capture_output=True, text=True, timeout=120
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("clip-warehouse: stopped after 0.1 s: narrow the query")
    assert ended.stderr.count("\n") == 1


def test_a_question_in_another_process_has_the_same_answer_or_error(small_warehouse: Path, askers: Askers) -> None:
    several = (
        "select unit_name, [unit_id, null] as list, {'a': 1, 'b': 'x'} as pair, date '2026-01-02' as day, "
        "1.25::decimal(9, 2) as share, 'x'::blob as bytes, null as nothing, unit_id::hugeint as huge, "
        "'a'::enum('a', 'b') as kind from units"
    )
    for sql in (several, "from word_top_units order by all", "describe units", "select 1 where false"):
        assert_frame_equal(asked(askers, small_warehouse, sql), warehouse.query(sql, warehouse=small_warehouse))
    process = askers._waiting[0]
    for sql, error in [("drop table runs", QueryRefused), ("from nowhere", QueryError), (ENDLESS[0], QueryTimeout)]:
        with pytest.raises(error) as there:
            asked(askers, small_warehouse, sql, LIMIT_S)
        with pytest.raises(error) as here:
            warehouse.query(sql, warehouse=small_warehouse, time_limit_s=LIMIT_S)
        assert str(there.value) == str(here.value)
    assert process.returncode is not None, "one that timed out is not asked again"


def test_a_process_that_is_killed_is_one_line_or_not_noticed(
    small_warehouse: Path, askers: Askers, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(askers, small_warehouse, "select 1")
    (waiting,) = askers._waiting
    waiting.kill()
    waiting.wait()
    assert asked(askers, small_warehouse, "select 2 as x").item() == 2
    askers.close()
    monkeypatch.setattr(query_process, "_SERVE", "import os, sys; sys.stdin.buffer.read(1); os.kill(os.getpid(), 9)")
    with pytest.raises(QueryError, match=r"process ended \(-9\), most likely for lack of memory"):
        asked(askers, small_warehouse, "select 1")


def test_an_answer_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query_process, "_BYTES_LIMIT", 1000)
    with pytest.raises(QueryError, match="bytes, more than 1,000: ask for fewer rows"):
        query_process._packed(pl.DataFrame({"x": ["y" * 1000]}))
