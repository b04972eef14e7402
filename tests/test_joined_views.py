"""Sketches of several picture sets over one model, joined by joined_moments, joined_histogram and the like."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

import warehouse
from warehouse.errors import QueryError
from warehouse.merging import merge

# Run 8 shows two pictures more to unit 2: 12 to picture 31, -3 to picture 32. Run 5 showed ten, with 10, 9 ... 1.
# Picture 33 could not be shown, as picture 21 could not in run 5; both runs were given both.
MORE = """
insert into stimuli values
    (31, 'picture', 'a boat', 'p31.png', 'picture 31', 224, 224, false, null),
    (32, 'picture', 'a car', 'p32.png', 'picture 32', 224, 224, false, null),
    (33, 'picture', 'a car', 'p33.png', 'picture 33', null, null, false, 'cannot be read');
insert into runs values
    (8, 1, 'pictures', '', '{}', 'run 8', 'complete', 'cpu', 'float32', '{}', '2024-05-02 10:00:00',
    '2024-05-02 10:00:01', 1, 5, null);
insert into shards values (8, 0, 5, '2024-05-02 10:00:01');
insert into run_stimuli values (8, 31), (8, 32), (8, 33), (8, 21);
insert into activation_sketches values (8, 2, 2, 9, 153, 1, -3, 12, 13);
insert into activation_histograms values (8, 2, 219, 1), (8, 2, -205, 1);
insert into top_examples values (8, 2, 1, 31, 12, 13, 0, 0), (8, 2, 2, 32, -3, -2, 0, 0);
"""


@pytest.fixture
def path(small_pictures: Path) -> Path:
    with duckdb.connect(str(small_pictures)) as connection:
        connection.execute(MORE)
    return small_pictures


def test_joined_moments_are_those_of_all_pictures_together(path: Path) -> None:
    answers = [*range(1, 11), 12, -3]
    average = sum(answers) / 12
    deviation = (sum((answer - average) ** 2 for answer in answers) / 11) ** 0.5
    rows = warehouse.query("from joined_moments([5, 8])", warehouse=path).rows()
    assert rows == [(2, "4/2/6/0", 12, average, pytest.approx(deviation), 11 / 12, -3, 12)]
    assert warehouse.query("from joined_moments([8, 5, 8])", warehouse=path).rows() == rows


def test_joined_moments_of_one_run_are_its_own(path: Path) -> None:
    own = "select unit_id, picture_count, activation_average, activation_deviation from {} order by unit_id"
    joined = warehouse.query(own.format("joined_moments([5])"), warehouse=path)
    assert (
        joined.rows()
        == warehouse.query(own.format("(from all_runs.activation_moments where run_id = 5)"), warehouse=path).rows()
    )
    assert len(joined) == 2


@pytest.mark.parametrize("macro", ["joined_moments", "joined_histogram"])
def test_sets_that_share_pictures_are_refused_by_what_would_count_them_twice(path: Path, macro: str) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute("insert into run_stimuli values (8, 11)")
    with pytest.raises(QueryError, match="these runs share 1 pictures, which would count twice"):
        warehouse.query(f"from {macro}([5, 8])", warehouse=path)
    shared = warehouse.query("from shared_pictures([5, 8])", warehouse=path)
    assert shared.rows() == [(11, "p1.png", 2)]


def test_shared_pictures_leave_out_what_could_not_be_shown(path: Path) -> None:
    assert warehouse.query("from shared_pictures([5, 8])", warehouse=path).rows() == []


def test_joined_histogram_adds_counts(path: Path) -> None:
    rows = warehouse.query(
        "select bucket_index, picture_count from joined_histogram([5, 8]) where unit_name = '4/2/6/0' order by all",
        warehouse=path,
    ).rows()
    assert rows[0] == (-205, 1)
    assert rows[-1] == (219, 2)
    assert sum(count for _, count in rows) == 12


def test_joined_top_pictures_are_ranked_anew_and_once_each(path: Path) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute("insert into top_examples values (8, 2, 3, 11, 10, 11, 0, 6)")
    rows = warehouse.query(
        "select example_rank, caption, activation_mean from joined_top_pictures([5, 8]) "
        "where unit_name = '4/2/6/0' order by example_rank",
        warehouse=path,
    ).rows()
    assert rows == [
        (1, "a boat", 12),
        (2, "cat", 10),
        (3, "two red Cats", 9),
        (4, "a dog", 8),
        (5, "a hot dog", 7),
        (6, "a car", -3),
    ]


def test_sets_measured_in_two_files_are_joined_after_a_merge(
    path: Path, filled_with: Callable[..., Path], tmp_path: Path
) -> None:
    first = Path(shutil.copy(filled_with("small_warehouse", "small_pictures"), tmp_path / "first.duckdb"))
    expected = warehouse.query("from joined_moments([5, 8])", warehouse=path)
    merge(first, path, lambda count: None)
    new = warehouse.query("select run_id from runs where settings_sha256 = 'run 8'", warehouse=first).item()
    assert warehouse.query(f"from joined_moments([5, {new}])", warehouse=first).equals(expected)
