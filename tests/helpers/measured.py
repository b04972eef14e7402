"""Warehouses filled by an ingest of the bundled model, in the tests' own process, which saves starting another."""

from __future__ import annotations

from pathlib import Path

from clip_warehouse import main


def measure(path: Path, job: str, *options: str) -> Path:
    assert main(["ingest", job, *options, "--warehouse", str(path)]) == 0
    return path
