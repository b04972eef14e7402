"""The kernel of one pair of units: computed, printed, drawn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from clip_warehouse import main
from ingest.expansion.expanded_weights import expanded_weights
from ingest.network.device import arithmetic
from ingest.network.layers import select_layers
from ingest.network.model import BUNDLED_MODEL, ClipModel, load_model
from ingest.runs.loop import run
from ingest.weights.job import WeightsJob
from ingest.weights.kernel import draw, kernel_of
from warehouse.errors import NoPath, UnknownUnit


@pytest.fixture(scope="module")
def model() -> ClipModel:
    return load_model(BUNDLED_MODEL, None)


@pytest.fixture(scope="module")
def measured(model: ClipModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse that knows the model."""
    path = tmp_path_factory.mktemp("kernels") / "w.duckdb"
    upper, lower = (select_layers(model.layers, name) for name in ("4/2/3", "4/2/1"))
    run(WeightsJob(model, upper, lower, arithmetic("cpu"), kernel_count=2), path)
    return path


def final_side(model: ClipModel) -> int:
    """Positions along a side of the last block's maps: a CLIP ResNet has one for 32 pixels."""
    return model.image_size_px // 32


@pytest.mark.parametrize(("lower", "upper"), [("4/2/1", "4/2/3"), ("4/0/7", "4/2/5")])
def test_kernel_of_a_pair_is_its_spatial_weights(model: ClipModel, lower: str, upper: str) -> None:
    found = kernel_of(model, f"{lower}/77", f"{upper}/34")
    expected = expanded_weights(model, lower, upper).weights[34, 77]
    np.testing.assert_allclose(found.weights, expected, rtol=1e-4, atol=1e-5 * np.abs(expected).max())
    assert found.magnitude == pytest.approx(np.linalg.norm(expected), rel=1e-5)


def test_kernel_of_a_pair_begins_at_its_support(model: ClipModel) -> None:
    # 3/5/3's map has twice the final one's side, 2/0/3's eight times: a 3x3 kernel lies around their centres.
    for lower, upper, times in [("3/5/1/0", "3/5/3/0", 2), ("2/0/1/0", "2/0/3/0", 8)]:
        first = (times * final_side(model) - 1) // 2 - 1
        found = kernel_of(model, lower, upper)
        assert (found.top, found.left, found.weights.shape) == (first, first, (3, 3))


@pytest.mark.parametrize("unit", ["4/2/1/128", "4/2/2/0", "9/0/1/0", "4/2/1", "4/2/1/-1", "nonsense", ""])
def test_kernel_of_an_unknown_unit_is_an_error(model: ClipModel, unit: str) -> None:
    for pair in [(unit, "4/2/3/0"), ("4/2/1/0", unit)]:
        with pytest.raises(UnknownUnit, match=f"no unit '{unit}' in emoji-rn50: write block/bottleneck/index/channel"):
            kernel_of(model, *pair)


def test_kernel_of_an_unconnected_pair_is_an_error(model: ClipModel) -> None:
    with pytest.raises(NoPath):
        kernel_of(model, "4/0/7/0", "4/0/5/0")


def test_a_heat_map_is_green_where_positive_and_red_where_negative() -> None:
    picture = draw(np.array([[1.0, -1.0, 0.0], [0.5, -0.25, 0.0]]))
    assert picture.size == (3 * 149, 2 * 149)  # 448 px over 3 columns

    def colour(row: int, column: int) -> tuple[int, int, int]:
        return picture.getpixel((column * 149 + 74, row * 149 + 74))  # type: ignore[return-value]

    green, red, white = colour(0, 0), colour(0, 1), (255, 255, 255)
    assert green[1] > green[0] + 50
    assert green[1] > green[2]
    assert red[0] > red[1] + 50
    assert red[0] > red[2] + 50
    assert colour(0, 2) == colour(1, 2) == white
    np.testing.assert_allclose(colour(1, 0), (np.add(green, white)) / 2, atol=1)
    np.testing.assert_allclose(colour(1, 1), np.array(white) * 0.75 + np.array(red) * 0.25, atol=1)


def test_a_heat_map_fills_every_cell_with_one_colour() -> None:
    pixels = np.asarray(draw(np.array([[3.0, -3.0], [-3.0, 3.0]])))
    assert pixels.shape == (448, 448, 3)
    quarters = [pixels[y : y + 224, x : x + 224].reshape(-1, 3) for y in (0, 224) for x in (0, 224)]
    assert all((quarter == quarter[0]).all() for quarter in quarters)
    assert (quarters[0][0] == quarters[3][0]).all()
    assert (quarters[0][0] != quarters[1][0]).any()


def test_a_heat_map_of_nothing_is_white() -> None:
    assert np.asarray(draw(np.zeros((2, 2)))).min() == 255


# The command line


def test_kernel_prints_the_matrix_with_its_positions(
    model: ClipModel, measured: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["kernel", "4/2/1/5", "4/2/3/7", "--warehouse", str(measured)]) == 0
    title, header, *lines = capsys.readouterr().out.splitlines()
    expected, side = kernel_of(model, "4/2/1/5", "4/2/3/7"), final_side(model)
    assert title == (
        f"4/2/1/5 -> 4/2/3/7 in emoji-rn50 (bundled): {side} x {side} positions, "
        f"sum {expected.weights.sum():.4g}, magnitude {np.linalg.norm(expected.weights):.4g}"
    )
    assert header.split() == ["y,", "x", *map(str, range(side))]
    printed = [[float(number) for number in line.split()] for line in lines if line[:1].strip().isdigit()]
    assert [row[0] for row in printed] == list(range(side))
    np.testing.assert_allclose([row[1:] for row in printed], expected.weights, rtol=1e-2)


def test_kernel_writes_a_picture(
    model: ClipModel, measured: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "kernel.png"
    assert main(["kernel", "4/2/1/5", "4/2/3/7", "--png", str(file), "--warehouse", str(measured)]) == 0
    assert str(file) in capsys.readouterr().out
    with Image.open(file) as picture:
        assert picture.format == "PNG"
        np.testing.assert_array_equal(
            np.asarray(picture), np.asarray(draw(kernel_of(model, "4/2/1/5", "4/2/3/7").weights))
        )


def test_a_picture_that_cannot_be_written_is_one_line(
    measured: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "nowhere" / "kernel.png"
    assert main(["kernel", "4/2/1/5", "4/2/3/7", "--png", str(file), "--warehouse", str(measured)]) == 1
    assert (
        capsys.readouterr().err
        == f"clip-warehouse: cannot write {file}: No such file or directory; name another path\n"
    )


def test_kernel_of_an_unknown_unit_is_one_line(measured: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["kernel", "4/2/1/128", "4/2/3/7", "--warehouse", str(measured)]) == 1
    assert capsys.readouterr().err.startswith("clip-warehouse: no unit '4/2/1/128' in emoji-rn50")
