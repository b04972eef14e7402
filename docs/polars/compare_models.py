"""How bimodal is each of two models in the file, layer by layer? Run: python compare_models.py openai random-0."""

import sys

import polars as pl

import warehouse

tags = sys.argv[1:]
bimodality = warehouse.query(
    "select pretrained_tag, unit_layer, other_layer, sarle_coefficient from all_runs.unit_bimodality "
    "where direction = 'forward' and run_id in (select run_id from model_runs where job_name = 'contributions')"
)
by_layer = (
    bimodality.filter(pl.col("pretrained_tag").is_in(tags))
    .group_by("unit_layer", "other_layer", "pretrained_tag")
    .agg(pl.median("sarle_coefficient"))
    .pivot(on="pretrained_tag", index=["unit_layer", "other_layer"], values="sarle_coefficient")
    .sort("other_layer", "unit_layer")
)
print(by_layer)
