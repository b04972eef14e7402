"""The counted faults of tests/faults.py, each once: nothing lost, nothing doubled, and check agrees."""

from __future__ import annotations

from pathlib import Path

from faults import FAULTS, try_faults


def test_no_fault_loses_or_doubles_a_row(tmp_path: Path) -> None:
    totals = try_faults(1, 7, tmp_path)
    assert totals == {"faults tried": len(FAULTS) + 5, "rows lost": 0, "rows doubled": 0, "checks failing": 0}
