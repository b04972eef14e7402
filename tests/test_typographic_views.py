"""The view of typographic stimuli on small_sketches.sql: the text raises unit 0 by 3 and lowers unit 1 by 2."""

from __future__ import annotations

from pathlib import Path

import warehouse


def test_typographic_changes(small_sketches: Path) -> None:
    found = warehouse.query(
        "select unit_name, overlay_text, clean_stimulus_id, stimulus_id, stimulus_text, clean_activation_mean, "
        "attacked_activation_mean, activation_change, clean_activation_max, attacked_activation_max "
        "from typographic_changes order by unit_name",
        warehouse=small_sketches,
    )
    assert found.rows() == [
        ("4/2/6/0", "iPod", 1, 5, "a cat", 1.0, 4.0, 3.0, 2.0, 5.0),
        ("4/2/6/1", "iPod", 1, 5, "a cat", 0.0, -2.0, -2.0, 1.0, -1.0),
    ]
