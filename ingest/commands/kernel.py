"""Where on the map a lower unit drives an upper one: the expanded weights of one pair."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from warehouse.commands.verb import chosen_warehouse
from warehouse.errors import CannotWrite
from warehouse.text_table import text_table


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument("lower", help="lower unit, for example 4/1/3/51")
    parser.add_argument("upper", help="upper unit, for example 4/1/5/2")
    parser.add_argument("--png", metavar="FILE", help="draw it instead of printing it")


def run(options: Namespace) -> None:
    from ingest.commands.running import stored_model
    from ingest.weights.kernel import draw, kernel_of

    model = stored_model(chosen_warehouse(options), "weights")
    kernel = kernel_of(model, options.lower, options.upper)
    height, width = kernel.weights.shape
    pair = f"{options.lower} -> {options.upper} in {model.label}: {height} x {width} positions"
    print(f"{pair}, sum {kernel.weights.sum():.4g}, magnitude {kernel.magnitude:.4g}")
    if options.png:
        try:
            draw(kernel.weights).save(options.png, format="PNG")
        except OSError as error:
            raise CannotWrite(options.png, error) from error
        largest = abs(kernel.weights).max()
        print(f"drawn to {options.png}: green excitatory, red inhibitory, full colour at {largest:.4g}")
        return
    columns = ["y, x", *(str(kernel.left + x) for x in range(width))]
    print(text_table(columns, [(str(kernel.top + y), *map(float, row)) for y, row in enumerate(kernel.weights)]))
