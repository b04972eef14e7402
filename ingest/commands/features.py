"""The verbs of feature visualisations: made here, or downloaded."""

from __future__ import annotations

from argparse import Namespace
from functools import partial
from pathlib import Path

from ingest.commands.running import arithmetic_of, named, note, run_job, shards_of
from ingest.features.job import FeaturesJob
from ingest.features.microscope import MicroscopeJob, slug_of
from ingest.features.microscope_site import SiteAddresses
from ingest.features.optimisation import Recipe
from ingest.network.device import arithmetic
from ingest.network.layers import select_layers
from ingest.network.model import load_model
from ingest.network.unit_selection import few_units, named_units, select_units
from ingest.stimuli.downloads import Downloads, default_cache


def ingest(options: Namespace, path: Path) -> None:
    where = arithmetic_of(options)
    model = load_model(options.model, options.pretrained, seed=options.seed)
    units = select_units(model.layers, few_units(model.layers) if options.units is None else named_units(options.units))
    recipe = Recipe(
        objective=options.objective,
        step_count=options.steps,
        start_count=options.starts,
        size_px=model.image_size_px if options.size is None else options.size,
        seed=options.seed,
        lightness=options.lightness,
    )
    made = partial(FeaturesJob, model, units, where, recipe)
    job = made()
    note(f"{job.settings.unit_count:,} units of {named(model)}, {recipe.step_count} steps each, on {where.device}")
    run_job(job, path, shards_of(options, made))


def microscope(options: Namespace, path: Path) -> None:
    slug_of(options.model, options.pretrained or "openai")
    where = arithmetic(options.device, options.precision)
    model = load_model(options.model, options.pretrained, seed=options.seed)
    addresses = options.layers or model.layers[-1].layer_name
    select_layers(model.layers, addresses)
    units = select_units(model.layers, addresses if options.units is None else named_units(options.units))
    downloads = Downloads(Path(options.cache) if options.cache else default_cache() / "microscope")
    site = SiteAddresses.mirror(options.site) if options.site else SiteAddresses()
    job = MicroscopeJob(model, units, where, downloads, objective=options.objective, addresses=site)
    note(f"{job.settings.unit_count:,} pictures of {named(model)}, kept in {downloads.cache} too")
    run_job(job, path)
