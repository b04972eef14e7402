"""A picture's graph against automatic differentiation of stock open_clip, in float64 (definitions.md section 12)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import pytest
import torch
from torch import Tensor, nn

from ingest.explanations.frozen import FrozenBottleneck, freeze
from ingest.explanations.graph import Graph, GraphSettings, graph, shown_channels, strongest_path
from ingest.explanations.targets import Target, text_target, unit_target
from ingest.network.trunk import trunk_of
from test_logits import NARROW, Case, case, torch_attention
from warehouse.errors import NoPath

EVERYTHING = GraphSettings(depth=100, coverage=1.0, most_units=10_000)
FEW = GraphSettings(depth=100, coverage=0.8, most_units=1)
MODELS = ("emoji-rn50", NARROW)  # every cut of RN50 takes minutes
# one after a ReLU, a convolution of each kind, a shortcut; in the first bottleneck of a block and in others
UNITS = ("4/2/6/5", "4/2/5/7", "4/1/3/2", "4/0/8/1", "4/0/7/3", "3/0/3/4", "2/1/1/6")


@cache
def frozen(name: str) -> tuple[FrozenBottleneck, ...]:
    with torch.no_grad():
        return freeze(trunk_of(case(name).visual, torch.float64), case(name).images[0])


@cache
def explained(name: str, target: str | None, settings: GraphSettings) -> Graph:
    """The graph of a unit, or of the first text."""
    with torch.no_grad():
        return graph(frozen(name), target_of(name, target), settings)


def target_of(name: str, unit: str | None) -> Target:
    if unit is not None:
        return unit_target(trunk_of(case(name).visual, torch.float64), frozen(name), unit)
    return text_target(case(name).pool(), frozen(name), "text", case(name).texts[0])


def near(found: float | Tensor, expected: float | Tensor) -> None:
    found, expected = (torch.as_tensor(value, dtype=torch.float64) for value in (found, expected))
    torch.testing.assert_close(found, expected, atol=1e-10 * max(1.0, float(expected.abs().max())), rtol=0)


@contextmanager
def recorded(one: Case) -> Iterator[dict[str, Tensor]]:
    """Blocks' outputs and branches of stock open_clip on the first picture, with a graph behind them."""
    maps: dict[str, Tensor] = {}
    handles = []

    def keep(name: str, module: nn.Module) -> None:
        def hook(_module: nn.Module, _inputs: object, out: Tensor) -> Tensor:
            maps[name] = out
            return out.clone()  # the next step works in place

        handles.append(module.register_forward_hook(hook))

    for block in (1, 2, 3, 4):
        for number, bottleneck in enumerate(getattr(one.visual, f"layer{block}")):
            for op, module in ((1, bottleneck.bn1), (3, bottleneck.bn2), (5, bottleneck.bn3)):
                keep(f"{block}/{number}/{op}", module)
            if bottleneck.downsample is not None:
                keep(f"{block}/{number}/7", bottleneck.downsample)
            keep(f"{block}/{number}/{6 if bottleneck.downsample is None else 8}", bottleneck)
    one.visual.attnpool.register_forward_hook(lambda _, __, out: maps.__setitem__("embedding", out))
    one.visual(one.images[:1].clone().requires_grad_())
    for handle in handles:
        handle.remove()
    yield maps


def outputs(maps: dict[str, Tensor]) -> list[str]:
    return [name for name in maps if name.endswith(("/6", "/8"))]


def frozen_cosine(one: Case, maps: dict[str, Tensor]) -> Tensor:
    """The cosine with the first text by PyTorch's own attention weights, held fixed."""
    last = maps[outputs(maps)[-1]][0]
    pool = one.visual.attnpool
    weights = torch_attention(one, last.detach())  # [H, I]
    cells = last.flatten(1).T
    tokens = torch.cat([cells.mean(0, keepdim=True), cells]) + pool.positional_embedding
    values = pool.v_proj(tokens).unflatten(1, (pool.num_heads, -1))  # [I, H, d]
    embedding = pool.c_proj(torch.einsum("hi,ihd->hd", weights, values).flatten())
    return embedding @ one.texts[0] / embedding.detach().norm()


def read_out(maps: dict[str, Tensor], unit: str) -> Tensor:
    """A unit at the centre before its own ReLU."""
    layer, _, channel = unit.rpartition("/")
    bottleneck, _, op = layer.rpartition("/")
    found = maps[layer]
    if op == "8":
        found = maps[f"{bottleneck}/5"] + maps[f"{bottleneck}/7"]
    if op == "6":
        block, number = bottleneck.split("/")
        before = f"{block}/{int(number) - 1}/{8 if number == '1' else 6}"
        found = maps[f"{bottleneck}/5"] + maps[before]
    height, width = found.shape[2:]
    return found[0, int(channel), (height - 1) // 2, (width - 1) // 2]


@pytest.mark.parametrize("name", MODELS)
def test_over_every_cut_attributions_and_constant_add_up_to_the_cosine(name: str) -> None:
    found = explained(name, None, FEW)
    assert len(found.cuts) == len(frozen(name))
    for cut in found.cuts:
        near(cut.attributions.sum() + cut.constant, case(name).cosines[0, 0])


@pytest.mark.parametrize("name", MODELS)
def test_attributions_are_gradient_times_activation_of_the_module_as_it_is(name: str) -> None:
    one, found = case(name), explained(name, None, FEW)
    with recorded(one) as maps:
        expected = gradients_times_activations(frozen_cosine(one, maps), maps)
    for cut in found.cuts:
        near(cut.attributions, expected[cut.layer_name])


@pytest.mark.parametrize("unit", UNITS)
def test_a_units_read_out_is_explained_by_gradient_times_activation(unit: str) -> None:
    one, found = case("emoji-rn50"), explained("emoji-rn50", unit, FEW)
    with recorded(one) as maps:
        value = read_out(maps, unit)
        expected = gradients_times_activations(value, maps)
    near(found.target.value, value.detach())
    assert found.cuts
    for cut in found.cuts:
        near(cut.attributions, expected[cut.layer_name])
        near(cut.attributions.sum() + cut.constant, value.detach())


@pytest.mark.parametrize("target", [None, "4/2/6/5"])
def test_edges_in_and_out_of_units_add_up(target: str | None) -> None:
    """All units of each cut are shown: in the bundled model's last bottlenecks, and in a network of four."""
    found = explained("emoji-rn50", target, GraphSettings(depth=3, coverage=1.0, most_units=10_000))
    for upper, lower, edges in zip(found.cuts[:-1], found.cuts[1:], found.edges, strict=True):
        assert (edges.upper_layer, edges.lower_layer) == (upper.layer_name, lower.layer_name)
        near(edges.attributions.sum(1) + edges.constant, upper.attributions[upper.shown])
        near(edges.attributions.sum(0), lower.attributions)
        near(edges.shortcut.sum(1), upper.shortcut[upper.shown] - shortcut_constant(upper.layer_name, found, edges))


def shortcut_constant(layer: str, found: Graph, edges: object) -> Tensor | float:
    """A downsample convolution has a shift of its own; other shortcuts have no constant."""
    if layer.endswith("/6"):
        return 0.0
    upper = next(cut for cut in found.cuts if cut.layer_name == layer)
    residual = upper.residual[upper.shown] - edges.residual.sum(1)  # type: ignore[attr-defined]
    return edges.constant - residual  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", MODELS)
def test_an_edge_is_the_gradient_through_one_upper_unit_alone(name: str) -> None:
    one, found = case(name), explained(name, None, GraphSettings(depth=3, coverage=0.8, most_units=2))
    with recorded(one) as maps:
        target = frozen_cosine(one, maps)
        for edges, upper in zip(found.edges, found.cuts, strict=False):
            above, below = maps[edges.upper_layer], maps[edges.lower_layer]
            (derivative,) = torch.autograd.grad(target, above, retain_graph=True)
            for row, channel in enumerate(upper.shown.tolist()):
                only = (derivative[0, channel] * above[0, channel]).sum()
                (pulled,) = torch.autograd.grad(only, below, retain_graph=True)
                near(edges.attributions[row], (pulled * below).sum((0, 2, 3)).detach())


def test_the_parts_of_a_unit_are_its_branches(name: str = "emoji-rn50") -> None:
    one, found = case(name), explained(name, None, GraphSettings(depth=1))
    (cut,) = found.cuts
    with recorded(one) as maps:
        (derivative,) = torch.autograd.grad(frozen_cosine(one, maps), maps["4/2/6"])
        is_open = maps["4/2/6"] > 0
        near(cut.residual, (derivative * is_open * maps["4/2/5"]).sum((0, 2, 3)).detach())
        near(cut.shortcut, (derivative * is_open * maps["4/1/6"]).sum((0, 2, 3)).detach())
        where = (derivative * maps["4/2/6"])[0].detach()
    near(cut.maps, where[cut.shown])


def test_a_difference_of_texts_is_the_difference_of_their_graphs() -> None:
    one = case("emoji-rn50")
    with torch.no_grad():
        found = [
            graph(frozen("emoji-rn50"), text_target(one.pool(), frozen("emoji-rn50"), "", text), GraphSettings(depth=2))
            for text in (one.texts[0], one.texts[1], one.texts[0] - one.texts[1])
        ]
    for first, second, both in zip(*(each.cuts for each in found), strict=True):
        near(both.attributions, first.attributions - second.attributions)
        near(both.constant, first.constant - second.constant)


def test_shown_units_make_the_coverage_and_no_more() -> None:
    sizes = torch.tensor([0.0, -5.0, 3.0, 1.0, 1.0])
    assert shown_channels(sizes, GraphSettings(coverage=0.8)).tolist() == [1, 2]
    assert shown_channels(sizes, GraphSettings(coverage=0.81)).tolist() == [1, 2, 3]
    assert shown_channels(sizes, GraphSettings(coverage=1.0)).tolist() == [1, 2, 3, 4]
    assert shown_channels(sizes, GraphSettings(coverage=1.0, most_units=1)).tolist() == [1]
    assert shown_channels(torch.zeros(3), GraphSettings()).tolist() == []


def test_the_strongest_path_follows_the_strongest_edges() -> None:
    found = explained("emoji-rn50", None, GraphSettings(depth=3))
    path = strongest_path(found)
    assert [unit.rpartition("/")[0] for unit, _ in path] == ["4/2/6", "4/1/6", "4/0/8"]
    first = int(path[0][0].rpartition("/")[2])
    assert first == int(found.cuts[0].attributions.abs().argmax())
    into_first = found.edges[0].attributions[0, found.cuts[1].shown].tolist()
    assert path[1][1] == pytest.approx(max(into_first, key=abs))


def test_a_unit_that_no_block_feeds_has_no_graph() -> None:
    with pytest.raises(NoPath):
        target_of("emoji-rn50", "1/0/5/1")


def gradients_times_activations(target: Tensor, maps: dict[str, Tensor]) -> dict[str, Tensor]:
    """What definitions.md calls a node, of every block's output [C]."""
    names = outputs(maps)
    derivatives = torch.autograd.grad(target, [maps[name] for name in names], allow_unused=True, retain_graph=True)
    return {
        name: (derivative * maps[name]).sum((0, 2, 3)).detach()
        for name, derivative in zip(names, derivatives, strict=True)
        if derivative is not None
    }
