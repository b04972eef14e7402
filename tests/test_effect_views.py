"""Views of effects over the rows of small_effects.sql, and which pictures were kept."""

from __future__ import annotations

from pathlib import Path

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
