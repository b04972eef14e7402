"""Write what the file says about the article as one page to print or attach, and its figures as SVG and PNG."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from warehouse.commands.verb import at_home, chosen_warehouse
from warehouse.wording import number_of


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument("--out", type=at_home, default="report.html", help="the page (%(default)s)")
    parser.add_argument(
        "--figures", type=at_home, metavar="DIR", help="write the figures as SVG and PNG into this folder, too"
    )


def run(options: Namespace) -> None:
    from dashboards.report.writing import require_writable, write_figures, write_report

    path = chosen_warehouse(options)
    require_writable(Path(options.out), path)
    write_report(path, Path(options.out))
    print(f"report written to {options.out}")
    if options.figures:
        count = write_figures(path, Path(options.figures))
        print(f"{number_of(count, 'figure')} written to {options.figures}, each as SVG and PNG")
