"""Warehouses that an ingest of the bundled model has filled, in this process, which saves the start of one."""

from __future__ import annotations

from pathlib import Path

from clip_warehouse import main


def measure(path: Path, job: str, *options: str) -> Path:
    assert main(["ingest", job, *options, "--warehouse", str(path)]) == 0
    return path
