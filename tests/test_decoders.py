"""Decoding processes: what becomes of them when the process that wants their work is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil

from ingest.processes import workers

PATIENCE_S = 60
PROGRAM = """
import sys
from ingest.decoders import Decoders
from ingest.decoding import DecodingSettings

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
