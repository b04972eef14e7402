"""Which lower units drive a unit most, excitatory and inhibitory? Run: python top_contributors.py 4/2/5/2 4/1/6."""

import sys

import polars as pl

import warehouse

unit, lower_layer = sys.argv[1:]
contributions = warehouse.query(
    "from backward_contributions where upper_unit = $unit and lower_layer = $lower_layer",
    unit=unit,
    lower_layer=lower_layer,
)
shown = contributions.select("lower_unit", "weight_mean", "weight_magnitude", "magnitude_rank")
print(f"{unit} <- {lower_layer}: {len(shown)} units, {(shown['weight_mean'] > 0).sum()} of them excitatory")
print("excitatory", shown.filter(pl.col("weight_mean") > 0).sort("weight_mean", descending=True).head(10))
print("inhibitory", shown.filter(pl.col("weight_mean") < 0).sort("weight_mean").head(10))
