"""Benchmarks run to their end, as small as they can be: nothing else would tell that a change has broken one."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

BENCHMARKS = Path(__file__).parent / "benchmarks"
ARGUMENTS = {
    "effects": "--model emoji-rn50 --channels 8 --pictures 1 --repeats 1",
    "expanded_weights": "--case 4/1/6 --channels 16",
    "loader": "--units 2048 --words 20",
    "pictures": "64",
    "words": "--model emoji-rn50 --words 4 --layers 4/2/6 --rounds 1",
}


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    """As many afterwards as before: some take one for themselves."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("name", ARGUMENTS)
def test_a_benchmark_runs_to_its_end(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [name, *ARGUMENTS[name].split()])
    runpy.run_path(str(BENCHMARKS / f"{name}.py"), run_name="__main__")
    assert capsys.readouterr().out.strip()


def test_what_the_one_on_a_gpu_needs_besides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import gpu

    from ingest.expansion.expanded_weights import Sweep
    from ingest.network.model import load_model
    from ingest.stimuli.inventory import take_inventory
    from ingest.stimuli.picture_sources import items

    model = load_model("emoji-rn50")
    assert gpu.operations(model.trunk, None) > gpu.operations(model.trunk, ["4/1/6"]) > 0
    assert gpu.all_of(Sweep(model.trunk, "4/2/5", ["4/1/6"])) == 512 * 512
    made, count = gpu.pictures(tmp_path, 40)
    assert count == len(list(made.iterdir())) == len({file.read_bytes() for file in made.iterdir()})
    assert gpu.decoding_rate(take_inventory(items(str(made)), tmp_path)) > 0
    assert len(gpu.words(100)) == 100
