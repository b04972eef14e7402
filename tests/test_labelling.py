"""Labels are written one by one while readers are there, and checked before anything is written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from threading import Event, Thread

import duckdb
import pytest

import warehouse
from warehouse.errors import BadLabel, NotAWarehouse, UnknownUnit, WarehouseBusy, WarehouseMissing
from warehouse.labelling import add_label, normalised, remove_label


def labels(path: Path) -> list[tuple[str, int, str]]:
    sql = "select unit_name, stimulus_id, unnest(label_names) as label_name from unit_picture_labels order by all"
    return warehouse.query(sql, warehouse=path).rows()


def test_a_label_is_added_once_and_taken_back(small_warehouse: Path) -> None:
    assert add_label("4/2/6/0", 6, "  Tabby   CAT ", warehouse=small_warehouse)
    assert not add_label("4/2/6/0", 6, "tabby cat", warehouse=small_warehouse)
    assert add_label(3, 6, "tail", warehouse=small_warehouse)
    assert labels(small_warehouse) == [("4/2/6/0", 6, "tabby cat"), ("4/2/6/1", 6, "tail")]
    assert remove_label("4/2/6/0", 6, "Tabby cat", warehouse=small_warehouse)
    assert not remove_label("4/2/6/0", 6, "tabby cat", warehouse=small_warehouse)
    assert labels(small_warehouse) == [("4/2/6/1", 6, "tail")]


def test_the_time_is_kept(small_warehouse: Path) -> None:
    add_label("4/2/6/0", 6, "cat", warehouse=small_warehouse)
    found = warehouse.query("select labelled_at > '2024-01-01' from labels", warehouse=small_warehouse)
    assert found.rows() == [(True,)]


@pytest.mark.parametrize("label", ["", " \n ", "...", "x" * 61, "a\x00b", "zero\u200bwidth"])
def test_an_invalid_label_is_refused_in_one_line(small_warehouse: Path, label: str) -> None:
    with pytest.raises(BadLabel, match="at most 60 characters") as caught:
        add_label("4/2/6/0", 6, label, warehouse=small_warehouse)
    assert "\n" not in str(caught.value)
    assert labels(small_warehouse) == []


@pytest.mark.parametrize("label", ["x" * 60, "chapeau d'été", "猫", "3d", "it's; drop table labels --"])
def test_any_printable_words_are_a_label(small_warehouse: Path, label: str) -> None:
    assert add_label("4/2/6/0", 6, label, warehouse=small_warehouse)
    assert labels(small_warehouse) == [("4/2/6/0", 6, normalised(label))]


@pytest.mark.parametrize(
    ("unit", "stimulus_id", "said"),
    [
        ("4/2/6/99", 6, "no unit '4/2/6/99'"),
        (99, 6, "no unit 99"),
        ("4/2/6/0", 99, "no picture 99"),
        ("4/2/6/0", 2, "no picture 2"),  # a word
    ],
)
def test_an_unknown_unit_or_picture_is_named(
    small_warehouse: Path, unit: str | int, stimulus_id: int, said: str
) -> None:
    with pytest.raises(UnknownUnit, match=said):
        add_label(unit, stimulus_id, "cat", warehouse=small_warehouse)
    with pytest.raises(UnknownUnit, match=said):
        remove_label(unit, stimulus_id, "cat", warehouse=small_warehouse)


def test_an_address_of_two_models_needs_the_id(small_warehouse: Path) -> None:
    with duckdb.connect(str(small_warehouse)) as connection:
        connection.execute("insert into units values (4, 9, 0, '4/2/6/0', 1, 0)")
    with pytest.raises(UnknownUnit, match="several models have a unit '4/2/6/0': name it by its unit_id"):
        add_label("4/2/6/0", 6, "cat", warehouse=small_warehouse)
    assert add_label(2, 6, "cat", warehouse=small_warehouse)


def test_no_file_is_made(tmp_path: Path) -> None:
    with pytest.raises(WarehouseMissing):
        add_label("4/2/6/0", 6, "cat", warehouse=tmp_path / "none.duckdb")
    (tmp_path / "text.duckdb").write_text("no database\n" * 100)
    with pytest.raises(NotAWarehouse):
        add_label("4/2/6/0", 6, "cat", warehouse=tmp_path / "text.duckdb")
    assert not (tmp_path / "none.duckdb").exists()


def test_a_reader_that_stays_is_busy_and_nothing_is_written(small_warehouse: Path) -> None:
    with warehouse.read(small_warehouse) as reader:
        with pytest.raises(WarehouseBusy, match="nothing is lost"):
            add_label("4/2/6/0", 6, "cat", warehouse=small_warehouse, patience_s=0.1)
        assert reader.execute("select count(*) from labels").fetchall() == [(0,)]
    assert add_label("4/2/6/0", 6, "cat", warehouse=small_warehouse)


def test_another_process_that_reads_is_named(small_warehouse: Path) -> None:
    script = "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True); print('in', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", script, str(small_warehouse)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "in\n"
        with pytest.raises(WarehouseBusy, match=f"process {reader.pid}"):
            add_label("4/2/6/0", 6, "cat", warehouse=small_warehouse, patience_s=0.1)
        reader.communicate("\n")
    assert add_label("4/2/6/0", 6, "cat", warehouse=small_warehouse)


def test_labels_are_written_between_the_queries_of_a_page(small_warehouse: Path) -> None:
    done = Event()
    counts: list[int] = []

    def page() -> None:
        while not done.is_set():
            counts.append(warehouse.query("select count(*) from labels", warehouse=small_warehouse).item())

    reader = Thread(target=page)
    reader.start()
    try:
        for number in range(10):
            assert add_label("4/2/6/0", 6, f"label {number}", warehouse=small_warehouse, patience_s=60)
    finally:
        done.set()
        reader.join()
    assert counts == sorted(counts)
    assert len(labels(small_warehouse)) == 10
