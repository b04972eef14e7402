"""The circuit of a unit: what it adds and what feeds it, followed downwards through the warehouse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from dashboards.markup.circuit_layout import Branch, layer_of
from dashboards.markup.naming import Named
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


def units_of(root: Branch) -> set[str]:
    """Addresses of all units of a tree."""
    return {root.unit_name, *root.members}.union(*map(units_of, root.children))


def grouped(root: Branch, called: Mapping[str, Named]) -> Branch:
    """The same tree with units of one layer, sign and name under one parent drawn as one.

    Its weight is the sum of theirs, as their means add up in the unit above; what feeds any of them feeds the group.
    """
    groups: dict[tuple[object, ...], list[Branch]] = {}
    for child in root.children:
        name = called.get(child.unit_name)
        is_alone = name is None or child.weight is None
        sign = (child.weight or 0) > 0
        key = (child.unit_name,) if is_alone or name is None else (layer_of(child.unit_name), sign, name.name)
        groups.setdefault(key, []).append(child)
    children = [grouped(_together(some), called) for some in groups.values()]
    return replace(root, children=children)


def _together(some: list[Branch]) -> Branch:
    if len(some) == 1:
        return some[0]
    strongest = max(some, key=lambda branch: abs(branch.weight or 0))
    below: dict[tuple[str, str], Branch] = {}
    for branch in (child for parent in some for child in parent.children):
        known = below.get((branch.unit_name, branch.kind))
        if known is None:
            below[branch.unit_name, branch.kind] = branch
        elif known.weight is not None and branch.weight is not None:
            below[branch.unit_name, branch.kind] = replace(known, weight=known.weight + branch.weight)
    return replace(
        strongest,
        weight=sum(branch.weight or 0 for branch in some),
        children=list(below.values()),
        members=tuple(branch.unit_name for branch in some),
    )


def weights(root: Branch, called: Mapping[str, Named]) -> pl.DataFrame:
    """The tree's edges as a table: lower_unit, upper_unit, kind, weight_mean, and names of both units with trust."""
    rows: list[tuple[str, str, str, float | None]] = []
    waiting = [root]
    while waiting:
        branch = waiting.pop(0)
        rows += [(child.unit_name, branch.unit_name, child.kind, child.weight) for child in branch.children]
        waiting += branch.children
    columns = {"lower_unit": pl.String, "upper_unit": pl.String, "kind": pl.String, "weight_mean": pl.Float64}
    edges = pl.DataFrame(rows, columns, orient="row")
    if not called:
        return edges
    names = {unit: named.name for unit, named in called.items()}
    trusts = {unit: named.trust for unit, named in called.items()}
    ends = [
        part
        for end in ("lower", "upper")
        for part in (
            pl.col(f"{end}_unit").replace_strict(names, default=None, return_dtype=pl.String).alias(f"{end}_name"),
            pl.col(f"{end}_unit").replace_strict(trusts, default=None, return_dtype=pl.Float64).alias(f"{end}_trust"),
        )
    ]
    return edges.with_columns(ends)


def _below(unit_name: str, fan_in: int, asked: list[str]) -> list[Branch]:
    pair = branches(unit_name)
    if pair:
        both = (pair.shortcut, pair.residual)
        return [Branch(name, "identity") for name in both if units.unit(name)]
    unit = units.unit(unit_name)
    layers = units.measured_layers("unit/lower_layers", unit.layer_id) if unit else []
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
