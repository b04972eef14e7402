"""The verb `ingest weights`, and which layers have a path, on the bundled model."""

from __future__ import annotations

from pathlib import Path

import pytest

import warehouse
from clip_warehouse import main
from ingest.network.architectures import BUNDLED_MODEL
from ingest.network.device import arithmetic
from ingest.network.layers import select_layers
from ingest.network.model import ClipModel, load_model
from ingest.weights.job import WeightsJob
from warehouse.errors import NoPath


@pytest.fixture(scope="module")
def model() -> ClipModel:
    return load_model(BUNDLED_MODEL, None)


def job(model: ClipModel, upper: str, lower: str) -> WeightsJob:
    uppers, lowers = select_layers(model.layers, upper), select_layers(model.layers, lower)
    return WeightsJob(model, uppers, lowers, arithmetic("cpu"))


# Paths


@pytest.mark.parametrize(
    ("upper", "lower", "said"),
    [
        ("4/0/5", "4/0/7", "no path from 4/0/7 to 4/0/5"),  # side by side in one bottleneck
        ("4/1/6", "4/2/1", "no path from 4/2/1 to 4/1/6"),  # the lower is the higher
        ("4/2/5", "4/2/5", "no path from 4/2/5 to 4/2/5"),
        ("4/2/5", "4/2/6,4/2/1", "no path from 4/2/6 to 4/2/5"),  # one of two
        ("4/0/5,4/2/5", "4/0/7", "no path from 4/0/7 to 4/0/5"),  # one of two uppers
        ("1/0/1", "all", "nothing is below 1/0/1"),
        ("all", "4/2/6", "no path from 4/2/6"),
    ],
)
def test_layers_asked_for_by_name_must_have_a_path(model: ClipModel, upper: str, lower: str, said: str) -> None:
    with pytest.raises(NoPath, match=said):
        job(model, upper, lower)


def test_all_leaves_out_what_has_no_path(model: ClipModel) -> None:
    from_below = job(model, "4/0/5", "all")
    names = [layer.layer_name for layer in model.layers]
    reaching = set(names[: names.index("4/0/5")])
    counts = {layer.layer_name: layer.channel_count for layer in model.layers}
    assert from_below.size_of(0) == 256 * sum(counts[name] for name in reaching)
    upwards = job(model, "all", "4/2/3")
    assert upwards.settings.upper_layers == ("4/2/5", "4/2/6")
    whole = job(model, "all", "all")
    assert whole.settings.upper_layers == tuple(name for name in names if name not in ("1/0/1", "1/0/7"))


# The command line


def test_ingest_weights_computes_and_says_so_and_the_second_time_does_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "w.duckdb"
    command = ["ingest", "weights", "--upper", "4/2/3", "--lower", "4/2/1", "--kernels", "2", "--warehouse", str(path)]
    assert main(command) == 0
    said = capsys.readouterr().err
    assert "16,384 pairs of units of emoji-rn50" in said
    assert "run 1 complete" in said
    assert "run 2 complete" in said
    assert warehouse.query("select job_name, status from runs order by run_id", warehouse=path).rows() == [
        ("weights", "complete"),
        ("contributions", "complete"),
    ]
    assert warehouse.query("select count(*) from expanded_weight_kernels", warehouse=path).item() == 2 * 128
    assert main(command) == 0
    assert capsys.readouterr().err.count("nothing to do") == 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--upper", "4/0/5", "--lower", "4/0/7"], "no path from 4/0/7 to 4/0/5"),
        (["--upper", "9/0/1"], "no layer '9/0/1'"),
    ],
)
def test_ingest_weights_of_a_wrong_layer_is_one_line_and_no_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    path = tmp_path / "w.duckdb"
    assert main(["ingest", "weights", *options, "--warehouse", str(path)]) == 2
    assert capsys.readouterr().err.strip().startswith(f"clip-warehouse: {said}")
    assert not path.exists()
