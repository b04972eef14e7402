"""The scripts of docs/polars/ run as they stand, on the rows of small_weights.sql."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).parent.parent
SCRIPTS = ROOT / "docs" / "polars"


def output(path: Path, script: str, *arguments: str) -> str:
    told = subprocess.run(
        [sys.executable, str(SCRIPTS / script), *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), "CLIP_WAREHOUSE": str(path), "POLARS_FMT_TABLE_WIDTH": "200"},
        capture_output=True,
        text=True,
        check=True,
    )
    return told.stdout


def cells(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("│ ").split("┆")] for line in table.splitlines() if "┆" in line]


def test_every_script_has_a_test() -> None:
    named = {"top_contributors.py", "versatility_by_depth.py", "compare_models.py"}
    assert {script.name for script in SCRIPTS.glob("*.py")} == named
    for script in SCRIPTS.glob("*.py"):
        assert f"python {script.name}" in script.read_text().splitlines()[0]


def test_top_contributors_part_excitatory_from_inhibitory(small_weights: Path) -> None:
    # 3/5/1/0 has the sum 9 over nine positions, 3/5/1/1 has -18.
    told = output(small_weights, "top_contributors.py", "3/5/5/0", "3/5/1")
    assert told.startswith("3/5/5/0 <- 3/5/1: 2 units, 1 of them excitatory\n")
    excitatory, inhibitory = told.split("inhibitory")
    assert cells(excitatory)[-1] == ["3/5/1/0", "1.0", "3.0", "2"]
    assert cells(inhibitory)[-1] == ["3/5/1/1", "-2.0", "18.0", "1"]


def test_versatility_by_depth_takes_medians_of_each_layer(small_weights: Path) -> None:
    # Towards 3/5/5: |mean| 0.875 and 1.75, near zero 0.25 and 0.5, sign balance 0.375 and 0.
    told = output(small_weights, "versatility_by_depth.py", "3/5/5")
    assert cells(told)[-1] == ["3/5/1", "2", "1.3125", "0.375", "0.1875"]


def test_compare_models_sets_them_side_by_side(small_weights: Path) -> None:
    with duckdb.connect(str(small_weights)) as connection:
        connection.execute(
            "insert into models values (2, 'RN50', 'random-0', 'other weights', 224, 5, 8); "
            "insert into layers select layer_id + 10, 2, * exclude (layer_id, model_id) from layers; "
            "insert into units select unit_id + 10, layer_id + 10, * exclude (unit_id, layer_id) from units; "
            "insert into runs select 7, 2, * exclude (run_id, model_id) replace ('run 7' as settings_sha256) "
            "from runs where run_id = 5; "
            "insert into contribution_statistics select 7, direction, unit_id + 10, other_layer_id + 10, "
            "* exclude (run_id, direction, unit_id, other_layer_id) replace (0.125 as sarle_coefficient) "
            "from contribution_statistics where run_id = 5"
        )
    header, *_, last = cells(output(small_weights, "compare_models.py", "openai", "random-0"))
    values = dict(zip(header, last, strict=True))
    assert values == {"unit_layer": "3/5/1", "other_layer": "4/2/5", "openai": "0.5", "random-0": "0.125"}


@pytest.mark.parametrize("script", ["top_contributors.py", "versatility_by_depth.py"])
def test_a_script_without_its_arguments_stops(small_weights: Path, script: str) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        output(small_weights, script)
