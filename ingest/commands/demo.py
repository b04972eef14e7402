"""The main jobs on the bundled model, then the findings."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from ingest.commands import explain
from ingest.commands.jobs import run_typed
from ingest.commands.options import device_option
from warehouse.commands.verb import chosen_warehouse, note
from warehouse.errors import typed

# The bundled model has RN50's bottlenecks; its expanded weights end at each one's last convolution.
_UPPER = ",".join(f"{block}/{number}/5" for block, count in enumerate((3, 4, 6, 3), 1) for number in range(count))
# What replacing units really does, and gated weights, from a handful of lower layers: deeper ones would take minutes.
_JUDGED = ("--upper", "4/2/5", "--lower", "4/2/3,4/1/6,4/0/8,3/5/6,3/2/6")
_JOBS = (
    ("words",),
    ("weights", "--upper", _UPPER, "--kernels", "2"),
    ("pictures",),
    ("shares", "--bottlenecks", "4/0,4/1,4/2"),
    ("features",),
    ("logits",),
    ("effects", *_JUDGED, "--lower-units", "24", "--pictures", "32"),
    ("weights", "--gates", "pictures", *_JUDGED, "--pictures", "100"),
)
QUERIES = (
    "unit_to_words",
    "unit_to_pictures",
    "word_to_units",
    "most_selective_units",
    "multimodal_concepts",
    "shortcut_shares",
    "cosine_by_branch",
    "published_real_shares",
    "published_word_units",
    "bimodality_by_depth",
    "bimodality_jump",
    "contribution_shapes",
    "magnitude_and_mean",
    "how_true",
    "gated_bimodality",
)
_NEXT = (
    "difference guitar",
    "query \"from unit_card('4/2/6/277')\"",
    "query \"from backward_contributions where upper_unit = '4/2/5/2' and lower_layer = '4/1/3' "
    'order by magnitude_rank limit 5"',
    "kernel 3/5/3/7 4/0/5/2",
    "ingest names",
    "find hat",
    "explain PICTURE --text dog --against cat --svg graph.svg",
    "status",
    "dashboard",
)


def add_options(parser: ArgumentParser) -> None:
    device_option(parser)


def run(options: Namespace) -> None:
    from ingest.commands.running import print_example

    path = chosen_warehouse(options)
    for job in _JOBS:
        note(f"$ clip-warehouse ingest {' '.join(job)}")
        run_typed([*job, "--device", options.device], path)
    _explain_one(path, options.device)
    for name in QUERIES:
        print_example(name, path)
    named = f" --warehouse {typed(path)}" if options.warehouse else ""
    print("\nNext:")
    for line in _NEXT:
        print(f"  clip-warehouse {line}{named}")


def _explain_one(path: Path, device: str) -> None:
    """The graph of the first kept picture and its own name, with which the picture page begins."""
    import warehouse

    first = "select stimulus_id, stimulus_text from kept_pictures where stimulus_text is not null order by picture_rank"
    stimulus_id, name = warehouse.query(f"{first} limit 1", warehouse=path).row(0)
    note(f"$ clip-warehouse explain '#{stimulus_id}' --text '{name}'")
    parser = ArgumentParser(prog="clip-warehouse explain")
    explain.add_options(parser)
    options = parser.parse_args([f"#{stimulus_id}", "--text", name, "--device", device])
    options.warehouse = str(path)
    explain.run(options)
