"""Download OpenAI Microscope's pictures of the chosen units, for yourself: their licence is unknown."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from ingest.commands.options import model_options, objective_option
from warehouse.cache import default_cache
from warehouse.commands.verb import at_home, chosen_warehouse, note
from warehouse.wording import number_of


def add_options(parser: ArgumentParser) -> None:
    model_options(parser)
    parser.set_defaults(model="RN50-quickgelu")
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--layers", help="addresses with commas (4/2/6,4/1/6); default: the last block's output")
    chosen.add_argument("--units", metavar="UNITS", help="units instead, with commas, or a file of them, one per line")
    objective_option(parser)
    parser.add_argument(
        "--cache", type=at_home, metavar="DIR", help="folder for downloads; default ~/.cache/clip-warehouse"
    )
    parser.add_argument("--site", metavar="URL", help="a mirror with the same paths, should the site be gone")


def run(options: Namespace) -> None:
    from ingest.commands.running import model_of, run_job
    from ingest.features.microscope import MicroscopeJob, slug_of
    from ingest.features.microscope_site import SiteAddresses
    from ingest.network.device import arithmetic
    from ingest.network.layers import select_layers
    from ingest.network.unit_selection import named_units, select_units
    from ingest.stimuli.downloads import Downloads

    tag = options.pretrained or "openai"
    if not Path(tag).is_dir():  # which file of a folder is taken is known once it is loaded
        slug_of(options.model, str(Path(tag).absolute()) if Path(tag).is_file() else tag)
    where = arithmetic(options.device, options.precision)
    model = model_of(options)
    addresses = options.layers or model.layers[-1].layer_name
    select_layers(model.layers, addresses)
    units = select_units(model.layers, addresses if options.units is None else named_units(options.units))
    downloads = Downloads(Path(options.cache) if options.cache else default_cache() / "microscope")
    site = SiteAddresses.mirror(options.site) if options.site else SiteAddresses()
    job = MicroscopeJob(model, units, where, downloads, objective=options.objective, addresses=site)
    note(f"{number_of(job.settings.unit_count, 'picture')} of {model.label}, kept in {downloads.cache} too")
    run_job(job, chosen_warehouse(options))
