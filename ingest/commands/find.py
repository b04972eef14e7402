"""Find units by what they are: an address, a name, a word that drives them, or what their strongest pictures mean."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from ingest.commands.options import at_least_one, device_option
from warehouse.commands.verb import chosen_warehouse, note
from warehouse.errors import ModelUnavailable, UsageError
from warehouse.text_table import text_table

_COLUMNS = ("result_rank", "model_name", "unit_name", "reasons")


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument("text", metavar="TEXT", help="what is looked for, for example bird or 4/2/6/34")
    parser.add_argument("--layer", metavar="ADDRESS", help="only units of this layer, for example 4/2/6")
    parser.add_argument("--top", type=int, default=10, help="how many units of each model (%(default)s)")
    device_option(parser)


def run(options: Namespace) -> None:
    from warehouse.reading import fetch

    if not options.text.strip():
        raise UsageError("TEXT is empty: write an address, a name or a word, for example bird")
    path = chosen_warehouse(options)
    answer = fetch(
        f"select {', '.join(_COLUMNS)} from find_units($text, $layer, $embedding) where result_rank <= $top "
        "order by model_id nulls last, model_name, result_rank",
        warehouse=path,
        row_limit=1_000_000,
        text=options.text,
        layer=options.layer,
        embedding=_embedding(options.text, path, options.device),
        top=at_least_one("--top", options.top),
    )
    if answer.rows:
        rows = [(rank, model, unit, "; ".join(reasons)) for rank, model, unit, reasons in answer.rows]
        print(text_table(["rank", "model", "unit", "why"], rows, width_limit=160))
        return
    print(f"nothing speaks for {options.text!r}")
    note("names and meanings come from clip-warehouse ingest names, words from clip-warehouse ingest words")


def _embedding(text: str, path: Path, device: str) -> list[float] | None:
    """The text's embedding by the shown names run's model; None if no run needs it, or the model is not available."""
    from ingest.names.asking import text_embedding
    from ingest.runs.earlier import question
    from warehouse.reading import fetch

    runs = fetch(question("searched_names"), warehouse=path, row_limit=1, text=text).rows
    if not runs or runs[0][-1]:
        return None
    try:
        name, tag, sha256, settings, dtype, _ = runs[0]
        return text_embedding(name, tag, sha256, settings, dtype, text, device)
    except ModelUnavailable as error:
        note(f"not searched by meaning: {error}")
        return None
