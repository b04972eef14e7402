"""Two faults of each ingest of tests/faults.py (`make faults` tries all): no row lost, none doubled, check agrees.

Faults that test_interruptions.py tests are left out.
"""

from __future__ import annotations

from pathlib import Path

from faults import INGESTS, full_disk, killed, reader_that_stays, try_faults, two_at_once


def test_no_fault_loses_or_doubles_a_row(tmp_path: Path) -> None:
    totals = try_faults(1, 7, tmp_path, most=2, besides=(killed, full_disk, two_at_once, reader_that_stays))
    assert totals == {"faults tried": 2 * len(INGESTS), "rows lost": 0, "rows doubled": 0, "checks failing": 0}
