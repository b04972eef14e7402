"""Do units feed an upper layer more evenly the deeper they lie? Run: python versatility_by_depth.py 4/2/5."""

import sys

import polars as pl

import warehouse

(upper_layer,) = sys.argv[1:]
versatility = warehouse.query("from unit_versatility where upper_layer = $upper_layer", upper_layer=upper_layer)
layers = warehouse.query("select model_name, pretrained_tag, layer_name as lower_layer, layer_order from layer_details")
by_layer = (
    versatility.join(layers, on=["model_name", "pretrained_tag", "lower_layer"])
    .group_by("layer_order", "lower_layer")
    .agg(
        pl.len().alias("unit_count"),
        pl.median("weight_mean_absolute_mean"),
        pl.median("near_zero_share"),
        pl.col("sign_balance").abs().median().alias("sign_balance_size"),
    )
    .sort("layer_order")
)
print(by_layer.drop("layer_order"))
