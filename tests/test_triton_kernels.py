"""The kernels of a card, run by Triton's interpreter on the CPU, against torch in float64; and compiled for a card."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path

import pytest
import torch
from torch import Tensor

pytestmark = [
    pytest.mark.gpu,  # only a PyTorch that is built for one brings Triton along
    pytest.mark.skipif(find_spec("triton") is None, reason="there is no Triton"),
]
# In a process of its own: Triton asks for the interpreter when it is imported.
PROGRAM = """
import sys
import torch
from ingest.network import triton_kernels
given = torch.load(sys.argv[1])
found = [
    (triton_kernels.reduced(maps), triton_kernels.summed(maps.float()), triton_kernels.compared(maps, maps.roll(1, 1)))
    for maps in given
]
torch.save(found, sys.argv[2])
"""


def given() -> list[Tensor]:
    stream = torch.Generator().manual_seed(0)
    maps = [torch.randn(shape, generator=stream) for shape in ((3, 49, 70), (2, 1, 64), (2, 130, 5))]
    for some in maps:
        some[-1, :, 1] = 0.5  # equal everywhere: the first place counts
        some[0, 0, 2] = -100
    return [*maps, *(some.bfloat16() for some in maps)]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[tuple[Tensor, Tensor, Tensor], Tensor, Tensor]]:
    folder: Path = tmp_path_factory.mktemp("kernels")
    spoilt = torch.randn(2, 40, 3)
    spoilt[1, 37, 2] = float("nan")
    torch.save([*given(), spoilt], folder / "given.pt")
    program = [sys.executable, "-c", PROGRAM, str(folder / "given.pt"), str(folder / "found.pt")]
    subprocess.run(program, check=True, env={**os.environ, "TRITON_INTERPRET": "1"})
    answer: list[tuple[tuple[Tensor, Tensor, Tensor], Tensor, Tensor]] = torch.load(folder / "found.pt")
    return answer


@pytest.mark.parametrize("sizes", [("positions", "channels"), ("size", "positions", "channels")], ids=len)
def test_they_compile_for_a_card_whichever_size_is_one(
    sizes: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Triton compiles a kernel anew where a size is 1, which it gives as Python's own int; that needs no card."""
    import triton
    from triton.backends.compiler import GPUTarget

    from ingest.network import triton_kernels

    monkeypatch.setenv("TRITON_CACHE_DIR", str(tmp_path))
    blocks = {"rows_at_once": 32, "columns_at_once": 64}
    kernels = [triton_kernels._reduce, triton_kernels._sum, triton_kernels._compare]
    for kernel in [one for one in kernels if {*sizes} == {*one.arg_names} & {"size", "positions", "channels"}]:
        for ones in (chosen for count in range(len(sizes) + 1) for chosen in combinations(sizes, count)):
            known = {**blocks, **dict.fromkeys(ones, 1)}
            kinds = {"places": "*i32", **dict.fromkeys(sizes, "i32"), **dict.fromkeys(known, "constexpr")}
            signature = {name: kinds.get(name, "*fp32") for name in kernel.arg_names}
            source = triton.compiler.ASTSource(
                kernel, signature, {(kernel.arg_names.index(name),): value for name, value in known.items()}
            )
            assert triton.compile(source, target=GPUTarget("cuda", 80, 32)).asm["cubin"]


@pytest.mark.parametrize("case", range(6))
def test_mean_maximum_and_its_first_place(found: list, case: int) -> None:
    (mean, peak, place), exact = found[case][0], given()[case].double()
    assert torch.allclose(mean.double(), exact.mean(1), rtol=1e-5, atol=1e-6)
    assert torch.equal(peak.double(), exact.amax(1))
    assert torch.equal(place.long(), (exact == exact.amax(1, keepdim=True)).int().argmax(1))


@pytest.mark.parametrize("case", range(3))
def test_sum_magnitudes_and_root_of_squares(found: list, case: int) -> None:
    exact = given()[case].double()
    expected = torch.stack([exact.sum(1), exact.abs().sum(1), exact.square().sum(1).sqrt()])
    assert torch.allclose(found[case][1].double(), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("case", range(6))
def test_two_norms_and_the_product(found: list, case: int) -> None:
    exact = given()[case].double()
    other = exact.roll(1, 1)
    norms = [of.square().sum(1).sqrt() for of in (exact, other)]
    product = (exact * other).sum(1)
    for measured, expected in zip(found[case][2].double(), (*norms, product), strict=True):
        assert ((measured - expected).abs() <= 1e-6 * norms[0] * norms[1] + 1e-6 * norms[0]).all()


def test_nan_is_not_hidden(found: list) -> None:
    mean, peak, _ = found[-1][0]
    assert mean.isnan().nonzero().tolist() == peak.isnan().nonzero().tolist() == [[1, 2]]
