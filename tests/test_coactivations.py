"""Coactivations against numpy on stored activations, and the views that rest on them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import warehouse
from clip_warehouse import main
from ingest.coactivations.coactivations import coactivations, flowing
from warehouse.checking import check


def test_lower_units_are_averaged_by_how_strongly_an_upper_one_is_on() -> None:
    lower = np.array([[1.0, 2.0, 4.0], [-3.0, 0.0, 3.0]])
    upper = np.array([[1.0, 0.0, 3.0], [-1.0, 2.0, -5.0], [-1.0, 0.0, -2.0]])
    found = coactivations(lower, upper)
    np.testing.assert_allclose(found[:, 0], [13 / 4, 6 / 4])
    np.testing.assert_allclose(found[:, 1], [2, 0], err_msg="on for the second picture alone")
    assert np.isnan(found[:, 2]).all(), "never on"


@pytest.mark.parametrize(("op_index", "expected"), [(1, [0, 2]), (3, [0, 2]), (5, [-1, 2]), (7, [-1, 2]), (6, [-1, 2])])
def test_what_flows_on_is_behind_the_relu_of_index_one_and_three(op_index: int, expected: list[float]) -> None:
    assert flowing(np.array([-1.0, 2.0]), op_index).tolist() == expected


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("coactivations")
    for seed in range(5):
        pixels = np.random.default_rng(seed).integers(0, 255, (12, 12, 3), np.uint8)
        Image.fromarray(pixels).resize((96, 96)).save(folder / f"{seed}.png")
    path = folder / "w.duckdb"
    own = ["--warehouse", str(path), "--device", "cpu"]
    assert main(["ingest", "pictures", str(folder), "--layers", "4/2/3,4/2/5", *own]) == 0
    assert main(["ingest", "weights", "--upper", "4/2/5", "--lower", "4/2/3", *own]) == 0
    assert main(["ingest", "coactivations", "--upper", "4/2/5", "--lower", "4/2/3", *own]) == 0
    return path


def test_the_job_reads_what_a_pictures_run_stored(path: Path) -> None:
    sql = (
        "select unit_name, activation_mean from activations inner join units using (unit_id) "
        "inner join runs using (run_id) where job_name = 'pictures' order by stimulus_id"
    )
    stored = {
        name: part["activation_mean"].to_numpy().astype(float)
        for (name,), part in warehouse.query(sql, warehouse=path, row_limit=1 << 40).group_by(
            "unit_name", maintain_order=True
        )
    }
    found = warehouse.query(
        "select lower.unit_name as l, upper.unit_name as u, coactivation from coactivations "
        "inner join units as lower on lower_unit_id = lower.unit_id "
        "inner join units as upper on upper_unit_id = upper.unit_id "
        "where lower.channel_index in (0, 7) and upper.channel_index in (0, 5, 9)",
        warehouse=path,
    )
    assert len(found) == 6
    for lower, upper, value in found.rows():
        on = np.maximum(stored[upper], 0)
        expected = (np.maximum(stored[lower], 0) * on).mean() / on.mean() if on.any() else None
        assert value == (expected if expected is None else pytest.approx(expected, rel=1e-5))
    assert [one.check_name for one in check(path) if one.failing_count] == []


def test_weights_on_pictures_are_ranked_by_size(path: Path) -> None:
    rows = warehouse.query(
        "from contributions_on_pictures where upper_unit = '4/2/5/5' order by weight_on_pictures_rank", warehouse=path
    )
    sums = warehouse.query(
        "select lower_unit_id, weight_sum * coactivation as expected from expanded_weights "
        "inner join coactivations using (lower_unit_id, upper_unit_id) inner join units on upper_unit_id = unit_id "
        "where unit_name = '4/2/5/5'",
        warehouse=path,
    )
    joined = rows.join(sums, on="lower_unit_id")
    assert len(joined) == len(rows) == 128
    np.testing.assert_allclose(joined["weight_on_pictures"], joined["expected"], rtol=1e-5, atol=1e-9)
    sizes = rows["weight_on_pictures"].abs().drop_nulls().to_list()
    assert sizes == sorted(sizes, reverse=True) and set(rows["gates"]) == {"linear"}


def test_layers_that_no_pictures_run_kept_name_the_command(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ingest", "coactivations", "--upper", "4/2/5", "--lower", "4/1/6", "--warehouse", str(path)]) == 1
    assert "ingest pictures SOURCE --layers 4/1/6,4/2/5" in capsys.readouterr().err
