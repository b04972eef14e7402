"""Tables and views written for other engines, and what an export never overwrites."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb
import polars as pl
import pytest

import warehouse
from warehouse.errors import CannotWrite, QueryError, UsageError
from warehouse.export import export


def entries(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir() if not entry.name.startswith("warehouse.duckdb"))


def test_a_view_is_written_as_parquet(small_warehouse: Path, tmp_path: Path) -> None:
    assert export(small_warehouse, "word_top_units", tmp_path / "top.parquet") == 9
    expected = warehouse.query("from word_top_units order by all", warehouse=small_warehouse)
    assert pl.read_parquet(tmp_path / "top.parquet").sort(expected.columns).equals(expected)


def test_a_table_is_written_as_csv_with_a_header(small_warehouse: Path, tmp_path: Path) -> None:
    assert export(small_warehouse, "baseline_activations", tmp_path / "baselines.csv") == 6
    lines = (tmp_path / "baselines.csv").read_text().splitlines()
    assert lines[0] == "run_id,unit_id,baseline_activation_mean"
    assert min(lines[1:]) == "1,1,2.0"
    assert len(lines) == 7


def test_a_table_is_written_as_json(small_warehouse: Path, tmp_path: Path) -> None:
    assert export(small_warehouse, "shown_runs", tmp_path / "runs.json") == 2
    written = json.loads((tmp_path / "runs.json").read_text())
    assert sorted(written, key=lambda run: run["run_id"]) == [
        {"run_id": 2, "job_name": "words", "part_name": ""},
        {"run_id": 4, "job_name": "pictures", "part_name": ""},
    ]


def test_all_runs_can_be_exported(small_warehouse: Path, tmp_path: Path) -> None:
    assert export(small_warehouse, "all_runs.word_activations", tmp_path / "all.parquet") == 15
    assert set(pl.read_parquet(tmp_path / "all.parquet")["run_id"]) == {1, 2}


@pytest.mark.parametrize("name", ["parts", "parts.parquet"])
def test_a_partitioned_export_is_a_folder_a_value(small_warehouse: Path, tmp_path: Path, name: str) -> None:
    assert export(small_warehouse, "unit_top_words", tmp_path / name, ["layer_name", "is_explicit"]) == 9
    assert entries(tmp_path / name) == ["layer_name=4%2F1%2F5", "layer_name=4%2F2%2F6"]
    with duckdb.connect() as connection:
        found = connection.execute(
            f"select layer_name, is_explicit, count(*) from '{tmp_path / name}/**/*.parquet' group by all order by all"
        ).fetchall()
    assert found == [("4/1/5", "false", 2), ("4/1/5", "true", 1), ("4/2/6", "false", 4), ("4/2/6", "true", 2)]


def test_a_relation_without_rows_can_be_exported(empty_warehouse: Path, tmp_path: Path) -> None:
    assert export(empty_warehouse, "runs", tmp_path / "runs.parquet") == 0
    assert pl.read_parquet(tmp_path / "runs.parquet").shape == (0, 15)


def test_a_folder_is_made_for_the_file(small_warehouse: Path, tmp_path: Path) -> None:
    export(small_warehouse, "runs", tmp_path / "new" / "folder" / "it's.csv")
    assert entries(tmp_path / "new" / "folder") == ["it's.csv"]


def test_an_older_export_is_replaced(small_warehouse: Path, tmp_path: Path) -> None:
    for relation in ("runs", "shown_runs"):
        export(small_warehouse, relation, tmp_path / "runs.parquet")
        export(small_warehouse, relation, tmp_path / "parts", ["job_name"])
    assert len(pl.read_parquet(tmp_path / "runs.parquet")) == 2
    assert len(pl.read_parquet(tmp_path / "parts" / "**" / "*.parquet")) == 2
    assert entries(tmp_path) == ["parts", "runs.parquet"]


def test_a_failed_export_leaves_the_older_one(small_warehouse: Path, tmp_path: Path) -> None:
    export(small_warehouse, "shown_runs", tmp_path / "parts", ["job_name"])
    with pytest.raises(QueryError, match="nothing_such"):
        export(small_warehouse, "shown_runs", tmp_path / "parts", ["nothing_such"])
    assert entries(tmp_path) == ["parts"]
    assert len(pl.read_parquet(tmp_path / "parts" / "**" / "*.parquet")) == 2


def test_a_folder_of_other_things_is_not_replaced(
    small_warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").touch()
    monkeypatch.chdir(tmp_path)
    for target in ("photos", ".", str(tmp_path)):
        with pytest.raises(UsageError, match="holds other files: name a new folder"):
            export(small_warehouse, "runs", Path(target), ["job_name"])
    assert (tmp_path / "photos" / "cat.jpg").exists()
    assert small_warehouse.exists()


@pytest.mark.parametrize("other", ["data.parquet", "notes.txt"])
def test_a_folder_of_another_programs_columns_is_not_replaced(
    small_warehouse: Path, tmp_path: Path, other: str
) -> None:
    (tmp_path / "theirs" / "year=2026").mkdir(parents=True)
    pl.DataFrame({"x": [1]}).write_parquet(tmp_path / "theirs" / "year=2026" / other)
    with pytest.raises(UsageError, match="holds other files"):
        export(small_warehouse, "runs", tmp_path / "theirs", ["job_name"])
    export(small_warehouse, "runs", tmp_path / "ours", ["job_name"])
    shutil.copy(tmp_path / "theirs" / "year=2026" / other, tmp_path / "ours" / "job_name=words")
    with pytest.raises(UsageError, match="holds other files"):
        export(small_warehouse, "runs", tmp_path / "ours", ["job_name"])
    assert (tmp_path / "theirs" / "year=2026" / other).exists()


def test_an_empty_folder_may_become_an_export(small_warehouse: Path, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    assert export(small_warehouse, "runs", tmp_path / "new", ["job_name"]) == 4
    assert entries(tmp_path / "new") == ["job_name=pictures", "job_name=words"]


def test_a_file_is_not_replaced_by_a_folder_nor_a_folder_by_a_file(small_warehouse: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a file: name a new folder"):
        export(small_warehouse, "runs", small_warehouse, ["job_name"])
    (tmp_path / "runs.csv").mkdir()
    with pytest.raises(UsageError, match="is a folder: name a file"):
        export(small_warehouse, "runs", tmp_path / "runs.csv")
    assert warehouse.query("select count(*) from runs", warehouse=small_warehouse).item() == 4


def test_the_warehouse_is_not_replaced_by_its_export(small_warehouse: Path) -> None:
    path = small_warehouse.rename(small_warehouse.with_name("w.parquet"))
    with pytest.raises(UsageError, match="is the warehouse itself"):
        export(path, "runs", path)
    assert warehouse.query("select count(*) from runs", warehouse=path).item() == 4


@pytest.mark.parametrize("name", ["runs.txt", "runs", "runs.xlsx", ".csv"])
def test_a_suffix_that_names_no_format_is_a_usage_error(small_warehouse: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"cannot tell the format of .*: end it in \.parquet, \.csv, \.json"):
        export(small_warehouse, "runs", tmp_path / name)


@pytest.mark.parametrize(
    ("relation", "near"),
    [
        ("word_top_unit", "word_top_units"),
        ("all_runs.word_top_unit", "all_runs.word_top_units"),
        ("nothing", "activations, .*, word_top_units"),
        ('runs" limit 1 --', "runs"),
        ("", "activations"),
    ],
)
def test_an_unknown_relation_is_refused_with_a_list_of_the_known_ones(
    small_warehouse: Path, tmp_path: Path, relation: str, near: str
) -> None:
    with pytest.raises(QueryError, match=rf"no table or view .*: take .*{near}"):
        export(small_warehouse, relation, tmp_path / "x.csv")
    assert entries(tmp_path) == []


def test_a_place_that_cannot_be_written_is_reported(small_warehouse: Path) -> None:
    with pytest.raises(CannotWrite, match="cannot write"):
        export(small_warehouse, "runs", small_warehouse / "runs.csv")
    assert warehouse.query("select count(*) from runs", warehouse=small_warehouse).item() == 4
