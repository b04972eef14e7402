"""Two faults of each ingest of tests/faults.py (`make faults` tries all): no row lost, none doubled, check agrees."""

from __future__ import annotations

from pathlib import Path

from faults import INGESTS, try_faults


def test_no_fault_loses_or_doubles_a_row(tmp_path: Path) -> None:
    totals = try_faults(1, 7, tmp_path, most=2)
    assert totals == {"faults tried": 2 * len(INGESTS), "rows lost": 0, "rows doubled": 0, "checks failing": 0}
