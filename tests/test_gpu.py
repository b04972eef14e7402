"""What a GPU computes, against the CPU in float64, and jobs there against the same jobs here."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from importlib import import_module
from io import BytesIO
from pathlib import Path
from types import ModuleType

import numpy as np
import polars as pl
import pytest
import torch
from PIL import Image

import warehouse
from helpers.picture_files import small_set
from ingest.expansion.expanded_weights import PairBlock, Sweep
from ingest.expansion.gated_sweep import GatedSweep
from ingest.expansion.gates import ShownPictures
from ingest.features.job import FeaturesJob
from ingest.features.optimisation import Recipe
from ingest.network import capture
from ingest.network.device import Arithmetic, _first_operations, arithmetic
from ingest.network.layers import select_layers
from ingest.network.model import ClipModel, load_model
from ingest.network.read_back import reached
from ingest.network.trunk import Trunk
from ingest.network.unit_selection import named_units, select_units
from ingest.pictures.job import PicturesJob
from ingest.runs.job import Job
from ingest.runs.loop import run
from ingest.shares.residual_shares import Branches, branches, unfold
from ingest.stimuli.inventory import take_inventory
from ingest.stimuli.picture_sources import items
from ingest.weights.job import WeightsJob
from ingest.words.job import WordsJob

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU"),
]
MEASURES = ("weight_sum", "weight_l1", "weight_l2")


@pytest.fixture(scope="module")
def bundled() -> ClipModel:
    return load_model("emoji-rn50")


@pytest.fixture(scope="module")
def rn50() -> ClipModel:
    return load_model("RN50-quickgelu", "random")


def trunk_on(model: ClipModel, device: str, precision: str = "float32") -> Trunk:
    return model.trunk_in(Arithmetic(device, precision))


def largest(values: np.ndarray) -> float:
    return float(np.abs(values).max())


def norm(values: np.ndarray) -> float:
    return float(np.linalg.norm(values))


def off(
    found: tuple[PairBlock, ...],
    expected: tuple[PairBlock, ...],
    measure: str,
    size: Callable[[np.ndarray], float] = largest,
) -> float:
    """The difference over the expected, of the pair of layers where that is worst."""
    pairs = [(getattr(one, measure), getattr(other, measure)) for one, other in zip(found, expected, strict=True)]
    return max(float(size(one - other) / size(other)) for one, other in pairs)


@pytest.mark.parametrize("upper", ["4/2/5", "4/0/7", "3/3/3", "2/0/1"])
def test_expanded_weights_are_those_of_the_cpu_in_float64(rn50: ClipModel, upper: str) -> None:
    channels = range(5, 21)
    expected = Sweep(trunk_on(rn50, "cpu", "float64"), upper).measure(channels)
    found = Sweep(trunk_on(rn50, "cuda"), upper).measure(channels)
    for measure in MEASURES:
        assert off(found, expected, measure) < 3e-6, measure
    rounded = Sweep(trunk_on(rn50, "cuda", "tf32"), upper, tf32=True).measure(channels)
    assert off(rounded, expected, "weight_l2") < 5e-3


def test_gated_weights_are_those_of_the_cpu_in_float64(bundled: ClipModel) -> None:
    size = bundled.image_size_px
    images = torch.randn(6, 3, size, size, generator=torch.Generator().manual_seed(0))

    def measured(device: str, precision: str) -> tuple[PairBlock, ...]:
        trunk = trunk_on(bundled, device, precision)
        shown = ShownPictures(trunk, [images[:4].to(device, trunk.dtype), images[4:].to(device, trunk.dtype)])
        return GatedSweep(shown, "4/2/5").measure(range(8))

    expected, exact, found = measured("cpu", "float64"), measured("cuda", "float64"), measured("cuda", "float32")
    for measure in (*MEASURES, "effect_mean", "effect_absolute_mean"):
        assert off(exact, expected, measure) < 1e-10, measure
        # a few gates that are all but shut open in float32
        assert off(found, expected, measure, norm) < 5e-2, measure


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("shape", [(3, 64, 56, 56), (2, 100, 7, 7), (5, 2048, 7, 7), (2, 33, 1, 1), (1, 64, 13, 5)])
def test_one_reading_finds_what_two_of_torchs_find(shape: tuple[int, ...], dtype: torch.dtype) -> None:
    maps = torch.randn(shape, device="cuda").to(dtype).to(memory_format=torch.channels_last)
    maps[0, 0] = 0.5  # equal everywhere: the first place counts
    maps[-1, 3] = float("-inf")
    mean, peak, place = capture.reduced(maps)
    flat = maps.flatten(2).double()
    assert torch.allclose(mean.double(), flat.mean(2), rtol=1e-5, atol=1e-6, equal_nan=True)
    assert torch.equal(peak.double(), flat.amax(2))
    assert torch.equal(place.long(), (flat == flat.amax(2, keepdim=True)).int().argmax(2))
    maps[0, 1, -1, -1] = float("nan")
    mean, peak, _ = capture.reduced(maps)
    assert mean[0, 1].isnan() and peak[0, 1].isnan()


@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (1, 64, 13, 5), (2, 100, 7, 7), (1, 1, 56, 56)])
def test_sums_and_comparisons_of_one_or_many(shape: tuple[int, ...]) -> None:
    """Triton compiles another kernel for a size of one."""
    maps, others = (torch.randn(shape, device="cuda").to(memory_format=torch.channels_last) for _ in range(2))
    flat, other = maps.flatten(2).double(), others.flatten(2).double()
    norms = [of.square().sum(2).sqrt() for of in (flat, other)]
    laid = maps.permute(0, 2, 3, 1).contiguous().flatten(1, 2)
    for found, exact in zip(triton_kernels().summed(laid), (flat.sum(2), flat.abs().sum(2), norms[0]), strict=True):
        assert torch.allclose(found.double(), exact, rtol=1e-5, atol=1e-5)
    for found, exact in zip(capture.compared(maps, others), (*norms, (flat * other).sum(2)), strict=True):
        assert torch.allclose(found.double(), exact, rtol=1e-5, atol=1e-4)


def triton_kernels() -> ModuleType:
    """Imported where there is a GPU, and so Triton."""
    return import_module("ingest.network.triton_kernels")


def test_captured_layers_are_those_of_the_cpu_in_float64(bundled: ClipModel) -> None:
    size = bundled.image_size_px
    images = torch.randn(9, 3, size, size, generator=torch.Generator().manual_seed(0))
    names = [layer.layer_name for layer in bundled.layers]
    expected = capture.capture(trunk_on(bundled, "cpu", "float64"), images.double(), names)
    with arithmetic("cuda").active():
        found = capture.capture(trunk_on(bundled, "cuda"), images, names)
    for one, other in ((found.mean, expected.mean), (found.max, expected.max)):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-5 * float(np.abs(other).max()))


@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_branches_of_a_block_are_those_of_the_cpu_in_float64(bundled: ClipModel, precision: str) -> None:
    size, names = bundled.image_size_px, ["1/0", "2/1", "4/2"]
    images = torch.randn(5, 3, size, size, generator=torch.Generator().manual_seed(0))

    def measured(device: str, precision: str) -> list[Branches]:
        trunk = trunk_on(bundled, device, precision)
        unfolded = unfold(trunk, bundled.visual, names)
        with Arithmetic(device, precision).active():
            return [found.wait() for found in branches(unfolded, images.to(device, trunk.dtype))]

    tolerance = 1e-3 if precision == "float32" else 0.2
    for found, expected in zip(measured("cuda", precision), measured("cpu", "float64"), strict=True):
        assert (found.bottleneck_name, found.definition) == (expected.bottleneck_name, expected.definition)
        for measure in ("shortcut_norm", "residual_norm", "product"):
            one, other = getattr(found, measure), getattr(expected, measure)
            assert norm(one - other) < tolerance * norm(other), (found.bottleneck_name, measure)


def made(device: str, name: str, model: ClipModel, folder: Path) -> Job:
    where, layers = arithmetic(device), select_layers(model.layers, "4/2/6,4/2/5,1/0/1")
    if name == "words":
        return WordsJob(model, [f"{word} {number}" for word in ("hat", "dog") for number in range(700)], layers, where)
    if name == "weights":
        return WeightsJob(model, select_layers(model.layers, "4/2/5,2/0/8"), model.layers, where)
    inventory = take_inventory(items(str(folder / "set")), folder / f"inventory-{device}-{name}")
    return PicturesJob(model, inventory, layers, where, keep=name)


ROWS = {
    "words": ["select * exclude (run_id) from activations order by stimulus_id, unit_id"],
    "weights": ["select * exclude (run_id) from expanded_weights order by lower_unit_id, upper_unit_id"],
    "activations": ["select * exclude (run_id) from activations order by stimulus_id, unit_id"],
    "sketches": [
        "select * exclude (run_id) from activation_sketches order by unit_id",
        "select * exclude (run_id, unit_id, stimulus_id) from top_examples where example_rank = 1 order by unit_id",
        "select unit_id, sum(stimulus_count) as n from activation_histograms group by unit_id order by unit_id",
    ],
}


def test_a_gpu_that_wakes_can_compute() -> None:
    _first_operations("cuda")
    assert torch.cuda.is_initialized()


@pytest.mark.parametrize("name", ROWS)
def test_a_job_keeps_the_rows_that_it_keeps_on_the_cpu(
    bundled: ClipModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Pictures in three shards, each begun while the one before is shown."""
    small_set(tmp_path / "set", 300)
    monkeypatch.setattr("ingest.pictures.job._PICTURES_PER_SHARD", 100)
    frames: dict[str, list[pl.DataFrame]] = {}
    for device in ("cpu", "cuda"):
        (tmp_path / f"inventory-{device}-{name}").mkdir()
        path = tmp_path / f"{device}.duckdb"
        with closing(made(device, name, bundled, tmp_path)) as job:
            run(job, path)
        frames[device] = [warehouse.query(sql, warehouse=path, row_limit=1 << 40) for sql in ROWS[name]]
    for here, there in zip(frames["cpu"], frames["cuda"], strict=True):
        assert here.shape == there.shape
        assert len(here)
        for column in here.columns:
            if here[column].dtype.is_float():
                scale = float(here[column].abs().max() or 1)  # type: ignore[arg-type]
                np.testing.assert_allclose(there[column], here[column], rtol=1e-3, atol=2e-5 * scale)
            elif not column.startswith("max_"):  # places of maxima that are equal but for rounding
                assert here[column].equals(there[column]), column


def test_what_a_feature_reaches_is_read_back_in_float32(bundled: ClipModel, tmp_path: Path) -> None:
    units = select_units(bundled.layers, named_units("4/2/6/34,4/2/6/101"))
    recipe = Recipe(step_count=24, size_px=bundled.image_size_px)
    path = tmp_path / "w.duckdb"
    with closing(FeaturesJob(bundled, units, arithmetic("cuda", "tf32"), recipe)) as job:
        run(job, path)
    sql = "select image, activation_mean, channel_index from feature_visualizations inner join units using (unit_id)"
    for image, activation_mean, channel in warehouse.query(sql, warehouse=path).rows():
        shown = Image.open(BytesIO(image))
        (mean,), _ = reached(bundled, trunk_on(bundled, "cpu"), [shown], "4/2/6", [channel])
        assert activation_mean == pytest.approx(float(mean), rel=1e-4)
