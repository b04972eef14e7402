"""What the verbs share: run a job and say what was done, load the model that a warehouse holds, speak."""

from __future__ import annotations

import sys
from pathlib import Path

import warehouse
from ingest.model import ClipModel, load_stored
from ingest.runner import Job, Outcome, run
from warehouse.errors import InputError


def run_job(job: Job, path: Path) -> Outcome:
    """Run a job and say what was done."""
    outcome = run(job, path)
    if outcome.computed:
        kept = f", {outcome.found} were there already" if outcome.found else ""
        note(f"run {outcome.run_id} complete in {path}: {outcome.computed} shard(s) computed{kept}")
    else:
        note(f"run {outcome.run_id} is complete in {path}: nothing to do")
    return outcome


def stored_model(path: Path, job_name: str) -> ClipModel:
    """The model of a job's shown run, or else of the newest run of any job, loaded again."""
    models = warehouse.query(
        "select model_name, pretrained_tag, weights_sha256 from models inner join runs using (model_id) "
        "inner join shown_runs using (run_id) order by runs.job_name = $job_name desc, runs.finished_at desc limit 1",
        warehouse=path,
        job_name=job_name,
    )
    if not len(models):
        raise InputError(f"{path} holds no finished run yet: clip-warehouse ingest {job_name} --warehouse {path}")
    return load_stored(*models.row(0))


def named(model: ClipModel) -> str:
    return f"{model.model_name} ({model.pretrained_tag})"


def note(text: str) -> None:
    print(text, file=sys.stderr)
