"""The circuit of a unit: what it adds and what feeds it, followed downwards through the warehouse."""

from __future__ import annotations

import polars as pl

from dashboards.markup.circuit_layout import Branch
from dashboards.reads import quantities, units
from warehouse.addresses import branches


def circuit(unit_name: str, depth: int, fan_in: int) -> tuple[Branch, list[str]]:
    """The tree below a unit, and the statements that gave its weights.

    A block's output adds its shortcut and its last convolution; any other unit is fed by the `fan_in` strongest units
    of the nearest lower layer that it has weights with, half of them excitatory where there are as many. depth: edges
    from top to bottom; a unit without stored weights ends its branch.
    """
    asked: list[str] = []
    root = Branch(unit_name)
    level = [root]
    for _ in range(depth):
        for branch in level:
            branch.children = _below(branch.unit_name, fan_in, asked)
        level = [child for branch in level for child in branch.children]
    return root, asked


def weights(root: Branch) -> pl.DataFrame:
    """The tree's edges as a table: lower_unit, upper_unit, kind, weight_mean."""
    rows: list[tuple[str, str, str, float | None]] = []
    waiting = [root]
    while waiting:
        branch = waiting.pop(0)
        rows += [(child.unit_name, branch.unit_name, child.kind, child.weight) for child in branch.children]
        waiting += branch.children
    columns = {"lower_unit": pl.String, "upper_unit": pl.String, "kind": pl.String, "weight_mean": pl.Float64}
    return pl.DataFrame(rows, columns, orient="row")


def _below(unit_name: str, fan_in: int, asked: list[str]) -> list[Branch]:
    pair = branches(unit_name)
    if pair:
        both = (pair.shortcut, pair.residual)
        return [Branch(name, "identity") for name in both if units.unit(name)]
    found = units.unit(unit_name)
    layers = units.measured_layers("unit/lower_layers", found.layer_id) if found else []
    return _strongest(unit_name, layers[-1], fan_in, asked) if layers else []


def _strongest(unit_name: str, layer_name: str, fan_in: int, asked: list[str]) -> list[Branch]:
    excitatory = _one_sign(unit_name, layer_name, "excitatory", fan_in, asked)
    inhibitory = _one_sign(unit_name, layer_name, "inhibitory", fan_in, asked)
    kept = max(fan_in - len(inhibitory), (fan_in + 1) // 2)
    kept_excitatory = excitatory[:kept]
    return kept_excitatory + inhibitory[: fan_in - len(kept_excitatory)][::-1]


def _one_sign(unit_name: str, layer_name: str, order: str, most: int, asked: list[str]) -> list[Branch]:
    answer = units.contributions("unit/contributors", unit_name, layer_name, order, most)
    asked.append(answer.sql)
    sign, mean = 1 if order == "excitatory" else -1, quantities.chosen().mean
    return [
        Branch(row["unit_name"], "weight", row[mean])
        for row in answer.rows.iter_rows(named=True)
        if row[mean] * sign > 0
    ]
