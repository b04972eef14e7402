"""Effects of replacing lower units against hooks and automatic differentiation on open_clip's own modules; the job."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

import ingest.effects.job
import warehouse
from clip_warehouse import main
from ingest.effects.effects import gated_effects, linear_effects, real_effects
from ingest.effects.job import EffectsJob
from ingest.effects.sums import connection_sums, truth_sums
from ingest.expansion.descent import Route
from ingest.expansion.gates import FrozenPass, freeze
from ingest.expansion.supports import path_below
from ingest.network.layers import Layer, layers_of
from ingest.network.model import load_model
from ingest.network.trunk import Trunk, trunk_of
from tests.helpers import stock
from warehouse.checking import check

SHAPE = ((1, 2, 2, 2), 8, 97)
TOLERANCE = {torch.float32: 1e-5, torch.float64: 1e-10}
NEIGHBOURS = [("4/1/1", "4/1/3"), ("4/1/3", "4/1/5"), ("4/0/8", "4/1/1"), ("4/1/3", "4/1/6"), ("4/0/7", "4/0/8")]
PAIRS = [
    *NEIGHBOURS,
    ("4/0/8", "4/1/5"),
    ("3/1/6", "4/0/8"),  # across a stride
    ("3/1/3", "4/0/5"),
    ("4/0/3", "4/1/6"),  # before a pool
    ("3/0/7", "4/1/6"),
    ("3/1/5", "4/0/3"),
    ("2/0/1", "4/0/7"),
    ("1/0/8", "2/1/1"),
    ("1/0/5", "3/0/8"),
]


@cache
def visual() -> torch.nn.Module:
    return stock.random_visual(*SHAPE)


@cache
def trunk(dtype: torch.dtype = torch.float64) -> Trunk:
    return trunk_of(visual(), dtype)


@cache
def images() -> Tensor:
    return torch.randn(3, 3, 97, 97, dtype=torch.float64, generator=torch.Generator().manual_seed(2))


@cache
def ran() -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    return stock.run(visual(), images().clone().requires_grad_())


def layer(name: str) -> Layer:
    return next(layer for layer in layers_of(trunk()) if layer.layer_name == name)


@cache
def values() -> dict[str, Tensor]:
    return {name: flow.detach().mean((0, 2, 3)) for name, flow in ran()[0].items()}


def replaced(lower: str) -> list[int]:
    """Three channels of a layer that are not dead."""
    spread = ran()[0][lower].detach().std((0, 2, 3))
    return sorted(spread.argsort(descending=True)[2:8:2].tolist())


def read_channels(lower: str, upper: str) -> list[int]:
    """Some upper channels; the replaced ones too, as a shortcut drives nothing but its own channel."""
    return [0, 3, *(channel for channel in replaced(lower) if channel < ran()[1][upper].shape[1])]


@cache
def expected_real(lower: str, upper: str) -> Tensor:
    """[U, N, K]"""

    def replaced_by(channel: int) -> Tensor:
        def replace(name: str, flow: Tensor) -> Tensor:
            flow = flow.clone()
            if name == lower:
                flow[:, channel] = values()[lower][channel]
            return flow

        with torch.no_grad():
            return stock.run(visual(), images(), replace)[1][upper]

    return torch.stack([replaced_by(channel) - ran()[1][upper].detach() for channel in replaced(lower)]).permute(
        2, 1, 0
    )


@cache
def expected_gated(lower: str, upper: str) -> Tensor:
    """[U, N, K] of some upper channels."""
    flows, read = ran()
    change = (values()[lower][:, None, None] - flows[lower].detach())[:, replaced(lower)]

    def row(u: int) -> Tensor:
        gradient = torch.autograd.grad(read[upper][:, u].sum(), flows[lower], retain_graph=True)[0]
        return (gradient[:, replaced(lower)] * change).sum((2, 3))

    return torch.stack([row(u) for u in read_channels(lower, upper)])


def route_of(lower: str, upper: str, dtype: torch.dtype) -> Route:
    return Route(trunk(dtype), path_below(trunk(dtype), upper), lower, 1 << 20)


@cache
def shown_pictures() -> FrozenPass:
    return freeze(trunk(), images(), [found.layer_name for found in layers_of(trunk())])


def found(lower: str, upper: str, dtype: torch.dtype = torch.float64) -> dict[str, Tensor]:
    shown = shown_pictures()
    route = route_of(lower, upper, dtype)
    chosen = {lower: values()[lower][replaced(lower)]}
    flows = {lower: shown.flows[lower][..., replaced(lower)]}
    return {
        "linear": linear_effects(route, flows, chosen, {lower: replaced(lower)})[lower],
        "gated": gated_effects(route, shown, chosen, {lower: replaced(lower)})[lower],
        "real": real_effects(
            trunk(dtype), shown, layer(lower), replaced(lower), chosen[lower], [upper], rows_at_once=9
        )[upper],
    }


def off_by(one: Tensor, other: Tensor) -> float:
    return float((one.double() - other).abs().max() / other.abs().max())


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
@pytest.mark.parametrize(("lower", "upper"), PAIRS)
def test_gated_and_real_effects_equal_hooks_and_automatic_differentiation(
    lower: str, upper: str, dtype: torch.dtype
) -> None:
    ours = found(lower, upper, dtype)
    real, gated = expected_real(lower, upper), expected_gated(lower, upper)
    assert off_by(ours["gated"][read_channels(lower, upper)], gated) < TOLERANCE[dtype]
    assert off_by(ours["real"], real) < TOLERANCE[dtype]


@pytest.mark.parametrize(("lower", "upper"), NEIGHBOURS)
def test_without_a_relu_between_all_three_are_equal(lower: str, upper: str) -> None:
    ours = found(lower, upper)
    assert off_by(ours["linear"], ours["real"]) < 1e-10
    assert off_by(ours["gated"], ours["real"]) < 1e-10


@pytest.mark.parametrize(("lower", "upper"), [("3/1/6", "4/0/8"), ("4/0/3", "4/1/6"), ("2/0/1", "4/0/7")])
def test_the_linear_effect_is_that_of_a_network_whose_gates_are_all_open(lower: str, upper: str) -> None:
    shown = freeze(trunk(), images(), [lower])
    all_open = type(shown)({name: torch.ones_like(gate) for name, gate in shown.gates.items()}, shown.flows)
    route, chosen = route_of(lower, upper, torch.float64), {lower: values()[lower][replaced(lower)]}
    assert (
        off_by(found(lower, upper)["linear"], gated_effects(route, all_open, chosen, {lower: replaced(lower)})[lower])
        < 1e-10
    )


def test_sums_are_of_pictures_and_of_upper_units() -> None:
    effects = {"linear": [[[2.0], [-2.0]]], "gated": [[[1.0], [0.0]]], "real": [[[1.0], [0.0]]]}  # 1 upper, 2 pictures
    arrays = {kind: np.array(rows) for kind, rows in effects.items()}
    sums = {name: rows.item() for name, rows in connection_sums(arrays).items()}
    assert sums == {
        "linear_effect_sum": 0,
        "gated_effect_sum": 1,
        "real_effect_sum": 1,
        "gated_effect_absolute_sum": 1,
        "real_effect_absolute_sum": 1,
    }
    truth = {name: rows.item() for name, rows in truth_sums(arrays).items()}
    assert (truth["triple_count"], truth["real_nonzero_count"]) == (2, 1)
    assert (truth["linear_square_sum"], truth["linear_absolute_sum"], truth["linear_real_product_sum"]) == (8, 4, 2)
    assert (truth["linear_sign_count"], truth["gated_sign_count"]) == (1, 1)


# The job, on the bundled model and a few pictures

UPPER, LOWER = "4/2/5,4/2/3", "4/1/6,4/0/7,4/2/1"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with the effects of two runs, and of gated weights, on five pictures."""
    folder = tmp_path_factory.mktemp("effects")
    for seed in range(5):
        pixels = np.random.default_rng(seed).integers(0, 255, (12, 12, 3), np.uint8)
        Image.fromarray(pixels).resize((96, 96)).save(folder / f"{seed}.png")
    path = folder / "w.duckdb"
    own = ["--warehouse", str(path), "--device", "cpu"]
    for control in ([], ["--pretrained", "random"]):
        assert main(["ingest", "pictures", str(folder), "--layers", "4/2/5", *control, *own]) == 0
        effects = ["ingest", "effects", "--upper", UPPER, "--lower", LOWER, "--lower-units", "6", "--pictures", "5"]
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(ingest.effects.job, "_PICTURES_PER_SHARD", 4)
            assert main([*effects, *control, *own]) == 0
    weights = ["ingest", "weights", "--upper", "4/2/5", "--lower", "4/1/6", "--gates", "pictures", "--pictures", "5"]
    assert main([*weights, *own]) == 0
    return path


def test_runs_lie_side_by_side_and_are_sound(path: Path) -> None:
    runs = "select job_name, part_name from shown_runs order by all"
    assert warehouse.query(runs, warehouse=path).rows() == [
        ("contributions", "gated"),
        ("effects", ""),
        ("effects", "control"),
        ("pictures", ""),
        ("weights", "gated"),
    ]
    assert [found.check_name for found in check(path) if found.failing_count] == []
    shown = "select count(*) from run_stimuli inner join runs using (run_id) where job_name = 'effects' group by run_id"
    assert warehouse.query(shown, warehouse=path).rows() == [(5,), (5,)]


def test_connections_are_what_the_maths_gives(path: Path) -> None:
    rows = warehouse.query(
        "from connection_effects where pretrained_tag = 'bundled' and lower_layer = '4/1/6' and upper_layer = '4/2/5' "
        "order by lower_unit_id, upper_unit_id",
        warehouse=path,
    )
    assert len(rows) == 6 * 512
    assert set(rows["picture_count"]) == {5}
    # one replaced upper neighbour of the residual stream: equal in all three where no ReLU lies between
    near = warehouse.query(
        "from connection_effects where pretrained_tag = 'bundled' and lower_layer = '4/2/1' and upper_layer = '4/2/3'",
        warehouse=path,
    )
    scale = float(near["real_effect_absolute_mean"].max())
    for kind in ("linear", "gated"):
        assert np.abs(near[f"{kind}_effect_mean"] - near["real_effect_mean"]).max() < 1e-5 * scale
    assert rows["real_effect_absolute_mean"].to_numpy().max() > 0


def test_gated_weights_carry_the_same_effects(path: Path) -> None:
    """What replacing does is the opposite of what being as it is has done."""
    both = warehouse.query(
        "select gated_effect_mean, gated_effect_absolute_mean, effect_mean, effect_absolute_mean "
        "from connection_effects inner join effects_on_pictures using (lower_unit_id, upper_unit_id) "
        "where pretrained_tag = 'bundled'",
        warehouse=path,
    )
    assert len(both) == 6 * 512
    scale = both["effect_absolute_mean"].max()
    assert np.abs(both["gated_effect_mean"] + both["effect_mean"]).max() < 1e-5 * scale
    assert np.abs(both["gated_effect_absolute_mean"] - both["effect_absolute_mean"]).max() < 1e-5 * scale


def test_truth_stands_beside_the_control(path: Path) -> None:
    rows = warehouse.query("from weight_truth order by run_id, upper_layer_order, lower_layer_order", warehouse=path)
    assert rows.select("lower_layer", "upper_layer").rows()[:5] == [
        ("4/0/7", "4/2/3"),
        ("4/1/6", "4/2/3"),
        ("4/2/1", "4/2/3"),
        ("4/0/7", "4/2/5"),
        ("4/1/6", "4/2/5"),
    ]
    assert set(rows["pretrained_tag"]) == {"bundled", "random-0"}
    assert set(rows["lower_unit_count"]) == {6}
    near = rows.filter((rows["lower_layer"] == "4/2/1") & (rows["upper_layer"] == "4/2/3"))
    for kind in ("linear", "gated"):
        np.testing.assert_allclose(near[f"{kind}_correlation"], 1, rtol=1e-5)
        np.testing.assert_allclose(near[f"{kind}_slope"], 1, rtol=1e-4)
        np.testing.assert_allclose(near[f"{kind}_size_ratio"], 1, rtol=1e-4)
    assert near["control_linear_correlation"].null_count() == 0


def test_a_sample_of_units_is_drawn_by_the_seed(path: Path) -> None:
    from ingest.network.device import arithmetic
    from ingest.stimuli.kept_pictures import kept_pictures

    model = load_model("emoji-rn50")
    lowers = [layer for layer in model.layers if layer.layer_name in ("4/1/6", "4/0/7")]
    uppers = [layer for layer in model.layers if layer.layer_name == "4/2/5"]
    pictures = kept_pictures(path, model, 5)
    job, other, every = (
        EffectsJob(model, uppers, lowers, pictures, arithmetic("cpu"), lower_unit_count=count, seed=seed)
        for count, seed in ((6, 0), (6, 1), (None, 0))
    )
    assert job.channels_of(lowers[0]) == sorted(set(job.channels_of(lowers[0]))) != other.channels_of(lowers[0])
    assert len(job.channels_of(lowers[0])) == 6
    assert every.channels_of(lowers[0]) == list(range(512))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--lower-units", "few"], "take a number, or all"),
        (["--pictures", "0"], "take 1 or more"),
        (["--lower", "4/2/6"], "no path from 4/2/6"),
    ],
)
def test_what_cannot_be_asked_is_reported(
    path: Path, options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ingest", "effects", "--warehouse", str(path), *options]) != 0
    assert said in capsys.readouterr().err


def test_pictures_must_have_been_shown(empty_warehouse: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ingest", "effects", "--warehouse", str(empty_warehouse)]) == 1
    assert "clip-warehouse ingest pictures" in capsys.readouterr().err
