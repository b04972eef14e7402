"""Which run the views show, taking a run out, and captions that come later."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl
import pytest

from warehouse import query
from warehouse.captions import update_captions
from warehouse.errors import UnknownRun
from warehouse.merging import merge
from warehouse.run_choices import RunNamed, drop_run, show_run


def shown(path: Path) -> dict[str, tuple[int, str]]:
    rows = query("select job_name, run_id, shown_because from run_details where is_shown", warehouse=path).rows()
    return {job: (run_id, because) for job, run_id, because in rows}


def test_an_older_run_can_be_shown_and_a_newer_one_again(small_warehouse: Path) -> None:
    assert shown(small_warehouse)["words"] == (2, "newest")
    assert show_run(small_warehouse, 1) == [RunNamed(1, "words")]
    assert shown(small_warehouse)["words"] == (1, "chosen")
    assert query("select distinct run_id from unit_top_words", warehouse=small_warehouse)["run_id"].to_list() == [1]
    details = query("select run_id, is_shown, shown_because from run_details", warehouse=small_warehouse)
    assert sorted(details.rows()) == [(1, True, "chosen"), (2, False, None), (3, False, None), (4, True, "newest")]
    assert show_run(small_warehouse, 1) == []
    assert show_run(small_warehouse, 2) == [RunNamed(2, "words")]
    assert shown(small_warehouse)["words"] == (2, "chosen")


def test_a_run_that_is_complete_later_is_shown_instead(small_warehouse: Path) -> None:
    show_run(small_warehouse, 1)
    with duckdb.connect(str(small_warehouse)) as connection:
        connection.execute("update runs set status = 'complete', finished_at = '2100-01-01' where run_id = 3")
    assert shown(small_warehouse)["words"] == (3, "newest")


def test_of_two_that_ended_at_one_moment_the_later_is_shown(small_warehouse: Path) -> None:
    with duckdb.connect(str(small_warehouse)) as connection:
        connection.execute("update runs set finished_at = '2026-01-01' where status = 'complete'")
    assert shown(small_warehouse)["words"] == (2, "newest")
    newest = query("select run_id from model_runs where job_name = 'words'", warehouse=small_warehouse)
    assert newest["run_id"].to_list() == [2]


@pytest.mark.parametrize(("run_id", "reason"), [(3, "not complete yet"), (99, "has runs 1, 2, 3, 4")])
def test_what_cannot_be_shown_is_reported(small_warehouse: Path, run_id: int, reason: str) -> None:
    with pytest.raises(UnknownRun, match=reason):
        show_run(small_warehouse, run_id)


def test_the_statistics_of_weights_go_with_them(small_warehouse: Path) -> None:
    with duckdb.connect(str(small_warehouse)) as connection:
        for run_id, job, settings, sha256 in (
            (10, "weights", "{}", "old weights"),
            (11, "contributions", '{"weights_settings_sha256": "old weights"}', "old statistics"),
            (12, "weights", "{}", "new weights"),
            (13, "contributions", '{"weights_settings_sha256": "new weights"}', "new statistics"),
        ):
            connection.execute(
                "insert into runs values (?, 1, ?, '', ?, ?, 'complete', 'cpu', 'float32', '{}', '2024-01-01', "
                "'2024-01-01'::timestamp + to_minutes(?), 1, 0, null)",
                [run_id, job, settings, sha256, run_id],
            )
    assert show_run(small_warehouse, 10) == [RunNamed(10, "weights"), RunNamed(11, "contributions")]
    assert (shown(small_warehouse)["weights"][0], shown(small_warehouse)["contributions"][0]) == (10, 11)
    assert drop_run(small_warehouse, 10) == [RunNamed(10, "weights"), RunNamed(11, "contributions")]
    assert (shown(small_warehouse)["weights"][0], shown(small_warehouse)["contributions"][0]) == (12, 13)


def test_a_dropped_run_leaves_no_row_and_no_shard(small_warehouse: Path) -> None:
    (sha256,) = query("select settings_sha256 from runs where run_id = 3", warehouse=small_warehouse)["settings_sha256"]
    staged = small_warehouse.with_name(f"{small_warehouse.name}.shards") / sha256[:16] / "0"
    staged.mkdir(parents=True)
    stimuli = query("select count(*) from stimuli", warehouse=small_warehouse).item()
    assert drop_run(small_warehouse, 3) == [RunNamed(3, "words")]
    assert not staged.exists()
    tables = query(
        "select distinct table_name from duckdb_columns() where column_name = 'run_id' and schema_name = 'main' "
        "and table_name in (select table_name from duckdb_tables())",
        warehouse=small_warehouse,
    )["table_name"]
    assert {"runs", "activations", "shards", "run_stimuli", "run_choices"} <= set(tables)
    for table in tables:
        rows = query(f"select count(*) from {table} where run_id = 3", warehouse=small_warehouse).item()
        assert rows == 0, table
    assert query("select count(*) from stimuli", warehouse=small_warehouse).item() == stimuli
    assert query("select count(*) from activations where run_id = 2", warehouse=small_warehouse).item() == 12
    with pytest.raises(UnknownRun):
        drop_run(small_warehouse, 3)


def test_a_merge_does_not_take_choices_along(small_warehouse: Path, tmp_path: Path) -> None:
    show_run(small_warehouse, 1)
    merge(tmp_path / "all.duckdb", small_warehouse, lambda _: None)
    assert {because for _, because in shown(tmp_path / "all.duckdb").values()} == {"newest"}


def inventory(path: Path, rows: list[tuple[str, str | None, list[str]]]) -> Path:
    schema = {"content_sha256": pl.String, "caption": pl.String, "keywords": pl.List(pl.String)}
    pl.DataFrame(rows, schema, orient="row").write_parquet(path)
    return path


def test_captions_that_come_later_arrive_and_nothing_is_lost(small_warehouse: Path, tmp_path: Path) -> None:
    def said() -> tuple[str, list[str]]:
        text = query("select stimulus_text from stimuli where stimulus_id = 6", warehouse=small_warehouse).item()
        words = query(
            "select keyword from stimulus_keywords where stimulus_id = 6 order by keyword", warehouse=small_warehouse
        )
        return text, words["keyword"].to_list()

    file = tmp_path / "inventory.parquet"
    unknown = ("picture 99", "a whale", ["sea"])
    assert update_captions(small_warehouse, inventory(file, [("picture 1", "a tom cat", ["cat", "pet"]), unknown])) == 1
    assert said() == ("a tom cat", ["cat", "pet"])
    assert update_captions(small_warehouse, inventory(file, [("picture 1", None, ["animal"])])) == 1
    assert said() == ("a tom cat", ["animal", "cat", "pet"])
    before = small_warehouse.stat().st_mtime_ns
    assert update_captions(small_warehouse, inventory(file, [("picture 1", "a tom cat", ["pet"]), unknown])) == 0
    assert small_warehouse.stat().st_mtime_ns == before, "a file that says the same shuts nobody out"
