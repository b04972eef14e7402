"""Decoding processes: killed by a file, and when the process that wants their work is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest

from helpers.dying_decoder import KILLING, decode_or_die
from helpers.picture_files import small_set
from ingest.runs.processes import workers
from ingest.stimuli.decoders import Decoders
from ingest.stimuli.decoding import DecodingSettings, decode
from ingest.stimuli.inventory import take_inventory
from ingest.stimuli.picture_sources import items

PATIENCE_S = 60
PROGRAM = """
import sys
from ingest.stimuli.decoders import Decoders
from ingest.stimuli.decoding import DecodingSettings

if __name__ == "__main__":
    with Decoders(DecodingSettings(64, 0, 10**6), worker_count=2) as decoders:
        list(decoders.decoded([("missing.png", "")] * 200))
        print("decoded", flush=True)
        sys.stdin.read()
"""


def test_they_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text(PROGRAM)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    parent = subprocess.Popen(
        [sys.executable, str(script)], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert parent.stdout is not None and parent.stdout.readline() == b"decoded\n"
    children = psutil.Process(parent.pid).children(recursive=True)
    assert len(children) >= 3, "the fork server and two workers"
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    _, alive = psutil.wait_procs(children, timeout=PATIENCE_S)
    assert alive == []


def interrupted() -> str:
    os.kill(os.getpid(), signal.SIGINT)
    return "goes on"


def test_a_ctrl_c_in_the_terminal_is_left_to_the_process_that_wants_the_work() -> None:
    with workers(1) as pool:
        assert pool.submit(interrupted).result() == "goes on"


def test_a_file_that_kills_the_decoder_takes_nothing_else_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = small_set(tmp_path / "set", 8)
    (source / "003.png").write_bytes(KILLING)
    monkeypatch.setattr("ingest.stimuli.decoders.decode_all", decode_or_die)
    monkeypatch.setattr("ingest.stimuli.decoders._CHUNK", 2)
    inventory = take_inventory(items(str(source)), tmp_path)
    wanted = [(picture.uri, picture.content_sha256) for picture in inventory.pictures(range(0, 8))]
    with Decoders(DecodingSettings(64), worker_count=2) as decoders:
        found = list(decoders.decoded(wanted))
    assert [decoded.error_message for decoded in found] == [None] * 3 + ["the decoder crashed on it"] + [None] * 4
    assert np.array_equal(found[4].pixels, decode((source / "004.png").read_bytes(), DecodingSettings(64)).pixels)


def test_workers_start_under_a_long_temporary_folder(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 60) / ("y" * 60)
    folder.mkdir(parents=True)
    (tmp_path / "script.py").write_text(
        "from ingest.runs.processes import workers\n"
        "if __name__ == '__main__':\n    print(workers(1).submit(abs, -7).result())\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent), "TMPDIR": str(folder)}
    ran = subprocess.run([sys.executable, tmp_path / "script.py"], env=environment, capture_output=True, text=True)
    assert ran.stdout == "7\n", ran.stderr
