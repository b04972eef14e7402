"""The kernels of a card, run by Triton's interpreter on the CPU, against torch in float64."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pytest
import torch

pytestmark = [
    pytest.mark.gpu,  # only a PyTorch that is built for one brings Triton along
    pytest.mark.skipif(find_spec("triton") is None, reason="there is no Triton"),
]
SHAPES = [(3, 49, 70), (2, 1, 64), (2, 130, 5)]


@pytest.fixture(scope="module")
def kernels() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRITON_INTERPRET", "1")
        patch.delitem(sys.modules, "ingest.network.triton_kernels", raising=False)
        yield import_module("ingest.network.triton_kernels")
    del sys.modules["ingest.network.triton_kernels"]  # for whoever has a card


def drawn(shape: tuple[int, ...]) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("shape", SHAPES)
def test_mean_maximum_and_its_first_place(kernels: Any, shape: tuple[int, ...], dtype: torch.dtype) -> None:
    maps = drawn(shape).to(dtype)
    maps[-1, :, 1] = maps[-1, 0, 1]  # equal everywhere: the first place counts
    maps[0, 0, 2] = float("-inf")
    mean, peak, place = kernels.reduced(maps)
    exact = maps.double()
    assert torch.allclose(mean.double(), exact.mean(1), rtol=1e-6, atol=1e-6)
    assert torch.equal(peak.double(), exact.amax(1))
    assert torch.equal(place.long(), (exact == exact.amax(1, keepdim=True)).int().argmax(1))


def test_what_is_no_number_is_not_hidden(kernels: Any) -> None:
    maps = drawn((2, 40, 3))
    maps[1, 37, 2] = float("nan")
    mean, peak, _ = kernels.reduced(maps)
    assert mean.isnan().nonzero().tolist() == peak.isnan().nonzero().tolist() == [[1, 2]]


@pytest.mark.parametrize("shape", SHAPES)
def test_sum_magnitudes_and_root_of_squares(kernels: Any, shape: tuple[int, ...]) -> None:
    maps = drawn(shape)
    exact = maps.double()
    expected = torch.stack([exact.sum(1), exact.abs().sum(1), exact.square().sum(1).sqrt()])
    assert torch.allclose(kernels.summed(maps).double(), expected, rtol=1e-5, atol=1e-5)
