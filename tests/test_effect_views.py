"""Views of effects over the rows of small_effects.sql, and which pictures were kept."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest

import warehouse
from warehouse.checking import check


def test_connection_effects_are_means_over_pictures(small_effects: Path) -> None:
    assert warehouse.query(
        "select pretrained_tag, lower_unit, upper_unit, picture_count, linear_effect_mean, gated_effect_mean, "
        "gated_effect_absolute_mean, real_effect_mean, real_effect_absolute_mean "
        "from connection_effects order by run_id, lower_unit",
        warehouse=small_effects,
    ).rows() == [
        ("openai", "3/5/1/0", "4/2/5/0", 2, 0, 1, 1, 0, 1),
        ("openai", "3/5/1/1", "4/2/5/0", 2, 2, 0, 2, 0, 2),
        ("random-0", "3/5/1/0", "4/2/5/0", 2, 1, 1, 1, 1, 1),
    ]


def test_weight_truth_correlates_over_units_and_pictures(small_effects: Path) -> None:
    trained, control = warehouse.query("from weight_truth order by run_id", warehouse=small_effects).rows(named=True)
    linear, gated, real = np.array([2, -2, 4, 0]), np.array([1, 1, 2, -2]), np.array([1, -1, 2, -2])
    assert trained["lower_unit_count"] == 2
    for kind, predicted in (("linear", linear), ("gated", gated)):
        assert trained[f"{kind}_correlation"] == pytest.approx(np.corrcoef(predicted, real)[0, 1])
        assert trained[f"{kind}_slope"] == pytest.approx(np.polyfit(predicted, real, 1)[0])
        assert trained[f"{kind}_size_ratio"] == pytest.approx(np.abs(predicted).mean() / np.abs(real).mean())
    assert (trained["linear_sign_share"], trained["gated_sign_share"]) == (0.75, 0.75)
    assert control["linear_correlation"] == pytest.approx(1)  # 2 and 0 predicted, 1 and 0 found
    assert (control["pretrained_tag"], control["linear_size_ratio"]) == ("random-0", 2)
    assert trained["control_linear_correlation"] == pytest.approx(1)


def test_our_findings_are_medians_by_distance(small_effects: Path) -> None:
    """3/5 lies two bottlenecks below 4/2 in the trained model's layers, one in the control's, which has no others."""
    found = warehouse.query(
        "select run_id, finding_name, our_value, layer_pair_count, picture_count, source from own_findings",
        warehouse=small_effects,
    )
    (truth, control) = warehouse.query("from weight_truth order by run_id", warehouse=small_effects).rows(named=True)
    values = {(run, name): (value, count) for run, name, value, count, _, _ in found.rows()}
    assert values[21, "linear_one_bottleneck_down"] == (None, 0)
    assert values[21, "linear_further_down"] == (truth["linear_correlation"], 1)
    assert values[21, "linear_size_further_down"] == (truth["linear_size_ratio"], 1)
    assert values[21, "gated_at_every_depth"] == (truth["gated_correlation"], 1)
    assert values[22, "linear_one_bottleneck_down"] == (control["linear_correlation"], 1)
    assert set(found["picture_count"]) == {2} and set(found["source"]) == {"ours"}


def test_effects_on_pictures_are_ranked_by_size(small_effects: Path) -> None:
    assert warehouse.query(
        "select lower_unit, effect_rank, effect_mean, effect_absolute_mean from effects_on_pictures "
        "order by effect_rank",
        warehouse=small_effects,
    ).rows() == [("3/5/1/1", 1, -1, 2), ("3/5/1/0", 2, 0.5, 0.5)]


def test_the_rows_are_sound(small_effects: Path) -> None:
    assert [found.check_name for found in check(small_effects) if found.failing_count] == []


def test_kept_pictures_stand_in_the_order_of_their_content(small_pictures: Path) -> None:
    found = warehouse.query("select run_id, picture_rank, content_sha256 from kept_pictures", warehouse=small_pictures)
    assert len(found) > 0
    assert found.sort("picture_rank")["content_sha256"].is_sorted()


def test_quantities_are_held_against_real_effects_by_rank(small_effects: Path) -> None:
    """Magnitudes 14 and 28, effects on pictures 0.5 and 2, weights on pictures -294 and 39.2; really 1 and 2."""
    with duckdb.connect(str(small_effects)) as connection:
        connection.execute(
            "insert into runs select 25, * exclude (run_id) replace ('coactivations' as job_name, '' as part_name, "
            "'run 25' as settings_sha256) from runs where run_id = 23;"
            "insert into coactivations values (25, 1, 8, -1.5), (25, 2, 8, 0.1)"
        )
    found = warehouse.query(
        "select quantity, quantity_run_id, connection_count, size_rank_correlation from ranking_truth order by 1",
        warehouse=small_effects,
    )
    assert found.rows() == [
        ("effect on pictures", 23, 2, pytest.approx(1)),
        ("linear", 2, 2, pytest.approx(1)),
        ("weight on pictures", 25, 2, pytest.approx(-1)),
    ]
    weights = "select lower_unit, weight_on_pictures, weight_on_pictures_rank from contributions_on_pictures order by 3"
    assert warehouse.query(weights, warehouse=small_effects).rows() == [
        ("3/5/1/0", pytest.approx(-294), 1),
        ("3/5/1/1", pytest.approx(39.2), 2),
    ]
