"""Explain one picture: which units add to its cosine with a text, or drive a unit, and through which others."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.commands.options import model_options
from warehouse.commands.verb import at_home, chosen_warehouse, note
from warehouse.errors import UsageError

if TYPE_CHECKING:
    from ingest.explanations.graph import Graph
    from ingest.network.model import ClipModel

_ALL = 100


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument(
        "picture",
        type=at_home,
        metavar="PICTURE",
        help="a picture file or address, or '#7' for stimulus 7 of the warehouse",
    )
    asked = parser.add_mutually_exclusive_group(required=True)
    asked.add_argument("--text", help="the text whose cosine with the picture is explained")
    asked.add_argument("--unit", metavar="ADDRESS", help="the unit whose read-out is explained, for example 4/2/6/34")
    parser.add_argument("--against", metavar="TEXT", help="another text: explain the difference of the two cosines")
    parser.add_argument("--overlay", metavar="TEXT", help="lay this over the picture first, as ingest typographic does")
    parser.add_argument("--template", default="{}", help="what the texts are set into, like 'a photo of a {}'")
    parser.add_argument(
        "--depth", type=int, default=4, help=f"outputs of bottlenecks below the answer; {_ALL} is all (%(default)s)"
    )
    parser.add_argument(
        "--coverage",
        type=float,
        default=0.8,
        help="share of each layer's absolute attribution that the shown units make (%(default)s)",
    )
    parser.add_argument("--units", type=int, default=12, help="most units shown of a layer (%(default)s)")
    parser.add_argument("--svg", type=at_home, metavar="FILE", help="draw the graph, too")
    model_options(parser, is_files=True)


def run(options: Namespace) -> None:
    from ingest.commands.running import run_job
    from ingest.explanations.graph import GraphSettings
    from ingest.explanations.job import ExplainJob, Question
    from ingest.network.device import arithmetic
    from ingest.stimuli.overlays import overlay_for

    _require_sensible(options)
    path = chosen_warehouse(options)
    content, source = _content(options.picture, path)
    question = Question(options.text or "", options.against or "", options.unit or "", options.template)
    settings = GraphSettings(options.depth, options.coverage, options.units)
    where = arithmetic(options.device, options.precision)
    model = _model(options, path)
    overlay = None if options.overlay is None else overlay_for(model, options.overlay)
    job = ExplainJob(model, content, question, where, source=source, overlay=overlay, settings=settings)
    options.run_id = run_job(job, path).run_id
    _tell(job.graph, question.name, bool(options.unit))


def _require_sensible(options: Namespace) -> None:
    if options.against and not options.text:
        raise UsageError(f"--against {options.against!r} needs --text: why one text and not the other")
    if options.text is not None and not options.text.strip():
        raise UsageError("--text '': write the text that is explained")
    if options.unit and options.unit.count("/") != 3:
        raise UsageError(f"--unit {options.unit}: write block/bottleneck/index/channel, like 4/2/6/34")
    if options.depth < 1 or options.units < 1:
        raise UsageError(f"--depth {options.depth}, --units {options.units}: take 1 or more")
    if not 0 < options.coverage <= 1:
        raise UsageError(f"--coverage {options.coverage:g}: take more than 0, at most 1")


def _model(options: Namespace, path: Path) -> ClipModel:
    """The model asked for, else the one that the file shows, else the bundled one."""
    from ingest.commands.running import model_of, shown_model
    from ingest.network.architectures import BUNDLED_MODEL

    if options.model is None and options.pretrained is None and path.exists():
        model = shown_model(path, "pictures")
        if model is not None:
            note(f"{model.label}, which {path} shows")
            return model
    options.model = options.model or BUNDLED_MODEL
    return model_of(options)


def _content(picture: str, path: Path) -> tuple[bytes, str]:
    """The bytes of the picture, and its address."""
    import warehouse
    from ingest.stimuli.picture_sources import read_picture
    from warehouse.errors import InputError, UnknownUnit

    uri = picture
    if picture.startswith("#") and picture[1:].isdigit():
        known = warehouse.query(
            "select source_uri from stimuli where stimulus_id = $stimulus_id and source_uri is not null",
            warehouse=path,
            stimulus_id=int(picture[1:]),
        )
        if known.is_empty():
            raise UnknownUnit(f"no picture {picture} in {path}: take one of 'select stimulus_id from kept_pictures'")
        uri = known.item()
    try:
        return read_picture(uri), uri
    except OSError as error:
        raise InputError(f"cannot read {uri}: {error.strerror or error}; name a picture file") from error


def _tell(graph: Graph, name: str, is_unit: bool) -> None:
    """The target, how much of it is shown at each depth, and the strongest path."""
    from ingest.explanations.graph import strongest_path
    from warehouse.text_table import text_table

    kind = "read-out of" if is_unit else "cosine with"
    print(f"{kind} {name}: {graph.target.value:.4f}")
    rows = []
    for cut in graph.cuts:
        total, shown = float(cut.attributions.sum()), float(cut.attributions[cut.shown].sum())
        along = float(cut.shortcut.sum())
        others = len(cut.attributions) - len(cut.shown)
        rows.append((cut.layer_name, len(cut.shown), shown, others, total - shown, cut.constant, along, total - along))
    columns = ["layer", "shown", "they add", "others", "they add", "constant", "along shortcut", "made here"]
    print(text_table(columns, rows))
    path = strongest_path(graph)
    if path:
        (first, attribution), *below = path
        steps = [f"{first} adds {attribution:+.4f}", *(f"of which {unit} {part:+.4f}" for unit, part in below)]
        print("strongest path: " + ", ".join(steps))
    else:
        note("no unit adds anything to this target: it is all constant")
