"""What verbs that run a model share. It needs torch, so verbs import it inside `run`."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import warehouse
from ingest.network.device import Arithmetic, arithmetic, wake
from ingest.network.model import RANDOM, ClipModel, load_model, load_stored, tag_and_seed
from ingest.runs.earlier import question
from ingest.runs.job import Job
from ingest.runs.loop import Outcome, Shards, here, run
from ingest.runs.processes import begin_server
from ingest.stimuli.decoders import Decoders, Decoding
from ingest.stimuli.decoding import DecodingSettings, decode_all
from warehouse.commands.verb import note
from warehouse.errors import InputError, QueryError, UsageError, WarehouseError, typed
from warehouse.reading import fetch
from warehouse.run_choices import is_shown, show_run
from warehouse.schema import statement
from warehouse.text_table import text_table
from warehouse.wording import number_of

RAY = "ray"


def model_of(options: Namespace) -> ClipModel:
    """The model asked for, with its weights. Raises ModelUnavailable, UsageError."""
    model = load_model(options.model, options.pretrained, seed=options.seed)
    if options.seed and tag_and_seed(model.pretrained_tag)[0] != RANDOM:
        note(f"--seed {options.seed} changes no weights: those of {model.label} are trained")
    return model


def model_and_arithmetic(options: Namespace) -> tuple[ClipModel, Arithmetic]:
    """The model asked for, and the device and precision, checked first: weights may take minutes to arrive."""
    arithmetic = _arithmetic_of(options)
    return model_of(options), arithmetic


def _arithmetic_of(options: Namespace) -> Arithmetic:
    """The device and precision of this machine or, with --runner ray, of the cluster, which is joined here."""
    asked = options.precision or "tf32"
    where = _arithmetic_there(options, asked)
    if options.precision not in (None, where.precision):
        note(f"{asked} needs a GPU that has it: on {where.device} it is {where.precision}, and stored as that")
    return where


def _arithmetic_there(options: Namespace, precision: str) -> Arithmetic:
    if options.runner == RAY:
        from ingest.ray import cluster as ray_cluster

        ray_cluster.connect(options.ray_address)
        return ray_cluster.cluster_arithmetic(options.device, precision)
    if options.ray_address:
        raise UsageError(f"--ray-address {options.ray_address} is for --runner ray: give both, or neither")
    found = arithmetic(options.device, precision)
    wake(found)
    return found


def begin_decoding(options: Namespace) -> None:
    """Have what decodes pictures imported while the model is loaded, unless a cluster decodes them."""
    if options.runner != RAY:
        begin_server(decode_all.__module__)


def decoders_of(options: Namespace, arithmetic: Arithmetic) -> Callable[[DecodingSettings], Decoding]:
    """Where pictures are decoded: beside the model; for GPUs of a cluster, on whatever CPUs it has."""
    if options.runner == RAY:
        from ingest.ray.cluster import decoders_for

        return decoders_for(arithmetic)
    return Decoders


def shards_of(options: Namespace, make_job: Callable[[], Job]) -> Shards:
    """Where the shards of the job that `make_job` makes are computed."""
    if options.runner == RAY:
        from ingest.ray.runner import OnCluster

        return OnCluster(make_job)
    return here


def run_job(job: Job, path: Path, shards: Shards = here) -> Outcome:
    """Run a job, close it, and say what was done."""
    if job.model and path.exists():
        _say_if_left_unfinished(job.name, job.model, path)
    with closing(job):
        outcome = run(job, path, shards=shards)
    if outcome.computed:
        kept = f", {outcome.found} were there already" if outcome.found else ""
        note(f"run {outcome.run_id} complete in {path}: {number_of(outcome.computed, 'shard')} computed{kept}")
    else:
        note(f"run {outcome.run_id} is complete in {path}: nothing to do")
        if not is_shown(path, outcome.run_id) and show_run(path, outcome.run_id):
            note(f"the views show run {outcome.run_id} again, instead of a newer one of its job")
    if job.unreadable:
        note(f"{number_of(len(job.unreadable), 'picture')} could not be read any more: {job.without_unreadable}")
    return outcome


def print_example(name: str, path: Path) -> None:
    """Run one of sql/examples/ and print it under the question that its first line asks."""
    text = statement(f"examples/{name}")
    answer = fetch(text, warehouse=path, row_limit=1_000)
    print(f"\n{text.splitlines()[0].removeprefix('--').strip()}  (sql/examples/{name}.sql)")
    print(text_table(answer.columns, answer.rows))


def _say_if_left_unfinished(job_name: str, model: ClipModel, path: Path) -> None:
    """A model's name may mean other weights than before: its unfinished runs are then not the ones that go on."""
    with suppress(WarehouseError, QueryError):  # a file that cannot be read is the run's own business
        left = warehouse.query(
            question("unfinished_runs"),
            warehouse=path,
            patience_s=1,
            job_name=job_name,
            model_name=model.model_name,
            pretrained_tag=model.pretrained_tag,
            weights_sha256=model.weights_sha256,
        )
        for run_id, sha256 in left.rows():
            note(
                f"run {run_id} of {model.label} is unfinished and had other weights ({sha256[:8]}, now "
                f"{model.weights_sha256[:8]}): these make a run of their own; put the others back to finish that one"
            )


def shown_model(path: Path, job_name: str) -> ClipModel | None:
    """The model of a job's shown run, or else of the newest run of any job, loaded again; None without a run."""
    models = warehouse.query(question("shown_model"), warehouse=path, job_name=job_name)
    return load_stored(*models.row(0)) if len(models) else None


def stored_model(path: Path, job_name: str) -> ClipModel:
    """The same. Raises InputError without a run."""
    model = shown_model(path, job_name)
    if model is None:
        command = f"clip-warehouse ingest {job_name} --warehouse {typed(path)}"
        raise InputError(f"{path} holds no finished run yet: {command}")
    return model
