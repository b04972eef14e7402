"""Precisions by name: a run stores the precision that was computed in; and where compiled loops are kept."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from queue import SimpleQueue

import pytest

import warehouse
from clip_warehouse import main
from ingest.network.device import Arithmetic, arithmetic, wake

ROOT = Path(__file__).parent.parent


def test_tf32_is_float32_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert arithmetic("cpu", "tf32").precision == "float32"
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    for capability, precision in (((7, 5), "float32"), ((8, 0), "tf32"), ((9, 0), "tf32")):
        monkeypatch.setattr("torch.cuda.get_device_capability", lambda device, found=capability: found)
        assert arithmetic("cuda", "tf32").precision == precision
        assert arithmetic("cuda", "bf16").precision == "bf16"


def test_a_tf32_run_on_a_cpu_says_float32_and_is_stored_as_float32(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "w.duckdb"
    words = ["ingest", "words", "--count", "3", "--layers", "4/2/6", "--device", "cpu", "--warehouse", str(path)]
    assert main([*words, "--precision", "tf32"]) == 0
    assert "on cpu it is float32, and stored as that" in capsys.readouterr().err
    (found,) = warehouse.query("select dtype, settings from runs", warehouse=path).rows()
    assert (found[0], json.loads(found[1])["precision"]) == ("float32", "float32")
    assert main(words) == 0
    assert "nothing to do" in capsys.readouterr().err


def test_a_gpu_begins_to_wake_at_once_and_a_cpu_need_not(monkeypatch: pytest.MonkeyPatch) -> None:
    woken: SimpleQueue[str] = SimpleQueue()
    monkeypatch.setattr("ingest.network.device._first_operations", woken.put)
    for name in ("cpu", "cuda:1"):
        wake(Arithmetic(name))
    assert woken.get(timeout=60) == "cuda:1"
    assert woken.empty()


LOOP = """
import os, sys
sys.path.insert(0, sys.argv[1])
from ingest.network.numba_loops import compiled
from loops import double
print(compiled(double)(21))
"""


@pytest.mark.parametrize("is_kept", [True, False])
def test_loops_are_kept_for_the_user_where_the_programs_folder_cannot_be_written(tmp_path: Path, is_kept: bool) -> None:
    """A file in the place of its __pycache__ keeps root out, too; as another does in the place of the home folder."""
    package, home = tmp_path / "package", tmp_path / "home"
    package.mkdir()
    (package / "loops.py").write_text("def double(x):\n    return 2 * x\n")
    (package / "__pycache__").touch()
    home.mkdir() if is_kept else home.touch()
    environment = {
        name: value for name, value in os.environ.items() if name not in ("XDG_CACHE_HOME", "NUMBA_CACHE_DIR")
    }
    ended = subprocess.run(
        [sys.executable, "-c", LOOP, str(package)],
        env={**environment, "HOME": str(home), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert ended.stdout == "42\n", ended.stderr
    assert any("double" in file.name for file in home.rglob("*")) == is_kept
