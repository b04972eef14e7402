"""What all jobs have from their base class, and what each says about itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import is_dataclass
from importlib import import_module
from pathlib import Path
from typing import get_type_hints

import polars as pl
import pytest

from ingest.network.device import Arithmetic
from ingest.network.model import load_model
from ingest.runs.job import Job, MeasuredJob, ModelJob, cut

ROOT = Path(__file__).parent.parent
BASES = (ModelJob, MeasuredJob)


def jobs(base: type[Job] = Job) -> Iterator[type[Job]]:
    for path in (ROOT / "ingest").rglob("*.py"):
        if "Job):" in path.read_text():
            import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    for job in base.__subclasses__():
        if job.__module__.startswith("ingest.") and job not in BASES:
            yield job
        if job in BASES:
            yield from jobs(job)


@pytest.mark.parametrize("job", list(jobs()), ids=lambda job: job.__name__)
def test_a_job_says_its_name_what_it_counts_and_its_settings(job: type[Job]) -> None:
    settings = get_type_hints(job, localns={"DataclassInstance": object})["settings"]
    assert is_dataclass(settings)
    assert settings.__dataclass_params__.frozen
    assert job.name and job.counted
    assert f"Job `{job.name}`" in (import_module(job.__module__).__doc__ or "")


def test_no_two_jobs_have_one_name() -> None:
    names = [job.name for job in jobs()]
    assert len(names) == len(set(names)) >= 9


class Smallest(ModelJob):
    name, counted = "smallest", "things"

    def compute(self, shard_index, run, advance) -> dict[str, pl.DataFrame]:
        return {}


def test_a_job_has_a_trunk_on_its_device_and_nothing_to_close() -> None:
    job = Smallest(load_model("emoji-rn50"), Arithmetic("cpu", "float64"))
    job.shards = cut(5, 2)
    assert (job.shard_count, [job.size_of(index) for index in range(3)]) == (3, [2, 2, 1])
    assert str(job.trunk.dtype) == "torch.float64"
    assert job.trunk is job.trunk
    assert (job.part_name, job.baseline_content_sha256, len(job.stimuli), job.unreadable) == ("", None, 0, set())
    job.close()
