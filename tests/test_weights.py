"""The jobs `weights` and `contributions` on the bundled model."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import diptest
import duckdb
import numpy as np
import polars as pl
import pytest
import scipy.stats
from polars.testing import assert_frame_equal

import ingest.weights.contributions
import ingest.weights.job
import warehouse
from ingest.expansion.expanded_weights import expanded_weights
from ingest.expansion.supports import path_below
from ingest.network.architectures import BUNDLED_MODEL
from ingest.network.device import Arithmetic, arithmetic
from ingest.network.layers import select_layers
from ingest.network.model import ClipModel, load_model
from ingest.runs.loop import Outcome, run, run_record
from ingest.weights.contributions import ContributionsJob
from ingest.weights.job import WeightsJob
from warehouse.checking import check
from warehouse.errors import UsageError
from warehouse.loading import Run

UPPER, LOWER = "4/2/5,4/2/3", "4/1/6,4/2/1,4/0/7"
PAIRS = [(lower, upper) for upper in ("4/2/3", "4/2/5") for lower in ("4/0/7", "4/1/6", "4/2/1")]
COUNTS = {"4/0/7": 512, "4/1/6": 512, "4/2/1": 128, "4/2/3": 128, "4/2/5": 512}
KERNEL_COUNT = 4
CPU = arithmetic("cpu")
MEASURES = ["weight_sum", "weight_l1", "weight_l2"]
ALL_ROWS = {
    "expanded_weights": "from expanded_weights order by upper_unit_id, lower_unit_id",
    "expanded_weight_kernels": "from expanded_weight_kernels order by upper_unit_id, lower_unit_id",
    "layer_pairs": "from layer_pairs order by upper_layer_id, lower_layer_id",
}


@pytest.fixture(scope="module")
def model() -> ClipModel:
    return load_model(BUNDLED_MODEL, None)


def final_side(model: ClipModel) -> int:
    """Positions along a side of the last block's maps: a CLIP ResNet has one for 32 pixels."""
    return model.image_size_px // 32


@pytest.fixture(scope="module")
def measured(model: ClipModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished weights run and the contributions run of it."""
    path = tmp_path_factory.mktemp("weights") / "w.duckdb"
    weights = run(job(model), path)
    run(ContributionsJob(model, CPU, path, weights.run_id), path)
    return path


@pytest.fixture(scope="module")
def spatial(model: ClipModel) -> dict[tuple[str, str], np.ndarray]:
    """Expanded weights [U, L, h, w] of each pair of layers."""
    return {(lower, upper): expanded_weights(model, lower, upper).weights for lower, upper in PAIRS}


def job(
    model: ClipModel, upper: str = UPPER, lower: str = LOWER, kernel_count: int = KERNEL_COUNT, where: Arithmetic = CPU
) -> WeightsJob:
    uppers, lowers = select_layers(model.layers, upper), select_layers(model.layers, lower)
    return WeightsJob(model, uppers, lowers, where, kernel_count=kernel_count)


def asked(path: Path, sql: str, **params: Any) -> pl.DataFrame:
    return warehouse.query(sql, warehouse=path, **params)


def stored(path: Path, measure: str, lower: str, upper: str) -> np.ndarray:
    """A column of expanded_weights for all pairs of two layers, [L, U], by channel."""
    frame = asked(
        path,
        f"select {measure} from expanded_weights "
        "inner join units as lowers on lower_unit_id = lowers.unit_id "
        "inner join layers as lower_layers on lowers.layer_id = lower_layers.layer_id "
        "inner join units as uppers on upper_unit_id = uppers.unit_id "
        "inner join layers as upper_layers on uppers.layer_id = upper_layers.layer_id "
        "where lower_layers.layer_name = $lower and upper_layers.layer_name = $upper "
        "order by lowers.channel_index, uppers.channel_index",
        lower=lower,
        upper=upper,
    )
    return frame.to_series().to_numpy().reshape(COUNTS[lower], COUNTS[upper])


# What is stored


@pytest.mark.parametrize(("lower", "upper"), PAIRS)
def test_every_pair_of_units_is_stored_as_its_spatial_weights_reduce(
    spatial: dict[tuple[str, str], np.ndarray], measured: Path, lower: str, upper: str
) -> None:
    weights = spatial[lower, upper].astype(np.float64)
    flat = weights.reshape(*weights.shape[:2], -1).transpose(1, 0, 2)
    for measure, expected in {
        "weight_sum": flat.sum(axis=2),
        "weight_l1": np.abs(flat).sum(axis=2),
        "weight_l2": np.sqrt(np.square(flat).sum(axis=2)),
    }.items():
        found = stored(measured, measure, lower, upper)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6 * np.abs(expected).max(), err_msg=measure)


def test_layer_pairs_hold_the_support_of_each_pair(
    model: ClipModel, spatial: dict[tuple[str, str], np.ndarray], measured: Path
) -> None:
    frame = asked(
        measured,
        "select lower_layers.layer_name as lower, upper_layers.layer_name as upper, support_top, support_left, "
        "support_height, support_width, cell_count, is_truncated from layer_pairs "
        "inner join layers as lower_layers on lower_layer_id = lower_layers.layer_id "
        "inner join layers as upper_layers on upper_layer_id = upper_layers.layer_id order by upper, lower",
    )
    assert [row[:2] for row in frame.rows()] == PAIRS
    for lower, upper, *found in frame.rows():
        support = path_below(model.trunk, upper).supports[lower]
        shape = spatial[lower, upper].shape[2:]
        expected = [support.top, support.left, *shape, int(np.prod(shape)), support.is_truncated]
        assert found == expected, (lower, upper)


def test_a_run_has_as_many_rows_as_its_job_counted(model: ClipModel, measured: Path) -> None:
    weights = job(model)
    pairs = sum(map(weights.size_of, range(weights.shard_count)))
    assert pairs == (512 + 128) * (512 + 512 + 128)
    assert asked(measured, "select count(*) from expanded_weights").item() == pairs
    assert asked(measured, "select row_count, status from run_details where job_name = 'weights'").rows() == [
        (pairs + len(PAIRS) + KERNEL_COUNT * 3 * (512 + 128), "complete")
    ]


def test_the_checks_pass_on_a_finished_run(measured: Path) -> None:
    assert {result.check_name: result.first_failure for result in check(measured) if result.failing_count} == {}


@pytest.mark.parametrize(("lower", "upper"), PAIRS)
def test_the_kernels_kept_are_those_of_each_upper_units_strongest(
    spatial: dict[tuple[str, str], np.ndarray], measured: Path, lower: str, upper: str
) -> None:
    frame = asked(
        measured,
        "select uppers.channel_index as u, lowers.channel_index as l, kernel_height, kernel_width, kernel "
        "from expanded_weight_kernels "
        "inner join units as lowers on lower_unit_id = lowers.unit_id "
        "inner join layers as lower_layers on lowers.layer_id = lower_layers.layer_id "
        "inner join units as uppers on upper_unit_id = uppers.unit_id "
        "inner join layers as upper_layers on uppers.layer_id = upper_layers.layer_id "
        "where lower_layers.layer_name = $lower and upper_layers.layer_name = $upper",
        lower=lower,
        upper=upper,
    )
    weights = spatial[lower, upper]
    magnitudes = np.linalg.norm(weights.reshape(*weights.shape[:2], -1), axis=2)
    assert len(frame) == KERNEL_COUNT * len(weights)
    kept = np.zeros(magnitudes.shape, bool)
    for u, l, height, width, kernel in frame.rows():  # noqa: E741
        kept[u, l] = True
        assert (height, width) == weights.shape[2:]
        np.testing.assert_allclose(
            np.reshape(kernel, (height, width)), weights[u, l], rtol=1e-4, atol=1e-5 * magnitudes[u, l]
        )
    assert (kept.sum(axis=1) == KERNEL_COUNT).all()
    weakest_kept = np.where(kept, magnitudes, np.inf).min(axis=1)
    strongest_left = np.where(kept, 0, magnitudes).max(axis=1)
    assert (weakest_kept >= strongest_left * (1 - 1e-6)).all()


@pytest.mark.parametrize(("precision", "tolerance"), [("float64", 1e-5), ("bf16", 0.1)])
def test_another_precision_gives_nearly_the_same_numbers(
    model: ClipModel, measured: Path, tmp_path: Path, precision: str, tolerance: float
) -> None:
    path = tmp_path / "w.duckdb"
    run(job(model, "4/2/3", "4/2/1", where=arithmetic("cpu", precision)), path)
    assert asked(path, "select dtype from runs").item() == precision
    for measure in MEASURES:
        expected = stored(measured, measure, "4/2/1", "4/2/3")
        errors = stored(path, measure, "4/2/1", "4/2/3") - expected
        assert 0 < np.linalg.norm(errors) < tolerance * np.linalg.norm(expected)
    assert all(not result.failing_count for result in check(path))


@pytest.mark.parametrize(("kernel_count", "kept"), [(0, 0), (500, 128 * 128)])
def test_no_kernels_are_kept_or_all_of_them(model: ClipModel, tmp_path: Path, kernel_count: int, kept: int) -> None:
    path = tmp_path / "w.duckdb"
    run(job(model, "4/2/3", "4/2/1", kernel_count), path)
    assert asked(path, "select count(*) from expanded_weight_kernels").item() == kept
    assert asked(path, "select count(*) from expanded_weights").item() == 128 * 128


def test_fewer_kernels_than_none_are_an_error(model: ClipModel) -> None:
    with pytest.raises(UsageError, match="--kernels -1"):
        job(model, kernel_count=-1)


# Running


def test_the_same_job_again_does_nothing(model: ClipModel, measured: Path) -> None:
    before = measured.read_bytes()
    again = job(model)
    again.compute = lambda *_: pytest.fail("computed again")  # type: ignore[method-assign]
    assert run(again, measured) == Outcome(1, 0, again.shard_count)
    assert measured.read_bytes() == before


@pytest.mark.parametrize(
    ("upper", "lower", "kernel_count"), [("4/2/5", LOWER, 4), (UPPER, "4/2/1", 4), (UPPER, LOWER, 0)]
)
def test_other_settings_are_another_run(model: ClipModel, upper: str, lower: str, kernel_count: int) -> None:
    assert run_record(job(model, upper, lower, kernel_count)).settings_sha256 != run_record(job(model)).settings_sha256


def test_a_job_in_many_shards_gives_equal_rows(
    model: ClipModel, measured: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest.weights.job, "BLOCK_CHANNELS", 100)
    cut = job(model)
    assert cut.shard_count == 2 + 6  # 128 and 512 channels
    assert run(cut, tmp_path / "cut.duckdb") == Outcome(1, 8, 0)
    for table, sql in ALL_ROWS.items():
        whole, parts = asked(measured, sql), asked(tmp_path / "cut.duckdb", sql)
        floats = [name for name, kind in whole.schema.items() if kind == pl.Float32]
        keys = [name for name in whole.columns if name not in floats and name != "kernel"]
        assert parts.select(keys).equals(whole.select(keys)), table
        for name in floats:
            np.testing.assert_allclose(parts[name].to_numpy(), whole[name].to_numpy(), rtol=1e-4, atol=1e-6)
        if "kernel" in whole.columns:
            np.testing.assert_allclose(parts["kernel"].explode(), whole["kernel"].explode(), rtol=1e-4, atol=1e-5)


def test_a_run_that_was_cut_short_is_brought_to_its_end(
    model: ClipModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "w.duckdb"
    monkeypatch.setattr(ingest.weights.job, "BLOCK_CHANNELS", 50)
    cut = job(model, "4/2/3", "4/2/1")
    measured = cut.measured

    def killed(shard_index: int, *rest: Any) -> Any:
        if shard_index == 1:
            raise KeyboardInterrupt
        return measured(shard_index, *rest)

    cut.measured = killed  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        run(cut, path)
    assert asked(path, "select count(*) from contributions").item() == 0
    assert run(job(model, "4/2/3", "4/2/1"), path) == Outcome(1, 2, 1)
    assert asked(path, "select count(*) from contributions").item() == 128 * 128


# Contributions


def one_by_one(values: np.ndarray) -> dict[str, float]:
    """The statistics of one set of contributions [n], by their definitions, with numpy, scipy and diptest."""
    n, root_mean_square = len(values), np.sqrt(np.mean(values**2))
    skewness, kurtosis = scipy.stats.skew(values, bias=False), scipy.stats.kurtosis(values, bias=False)
    laplace, normal = scipy.stats.laplace, scipy.stats.norm
    fitted = [kind.logpdf(values, *kind.fit(values)).mean() for kind in (laplace, normal)]
    histogram = np.histogram(values / root_mean_square, bins=41, range=(-3, 3))[0]
    smoothed = np.convolve(np.where(np.isin(np.arange(41), (0, 40)), 0, histogram), (1, 2, 1), "valid")
    dip, dip_p_value = diptest.diptest(values)
    return {
        "absolute_mean": np.abs(values).mean(),
        "positive_mean": values[values > 0].mean(),
        "negative_mean": values[values < 0].mean(),
        "l2_norm": np.linalg.norm(values),
        "near_zero_share": np.mean(np.abs(values) < 0.1 * root_mean_square),
        "sign_balance": np.sign(values).sum() / np.count_nonzero(values),
        "skewness": skewness,
        "excess_kurtosis": kurtosis,
        "sarle_coefficient": (skewness**2 + 1) / (kurtosis + 3 * (n - 1) ** 2 / ((n - 2) * (n - 3))),
        "laplace_gain": fitted[0] - fitted[1],
        "dip": dip,
        "dip_p_value": dip_p_value,
        "zero_density_ratio": smoothed[19] / np.delete(smoothed, [18, 19, 20]).max(),
    }


@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_contribution_statistics_are_those_of_the_stored_weights(
    model: ClipModel, measured: Path, direction: str
) -> None:
    lower, upper = "4/2/1", "4/2/3"
    means, magnitudes = (
        stored(measured, name, lower, upper).astype(np.float64) for name in ("weight_sum", "weight_l2")
    )
    means /= final_side(model) ** 2
    if direction == "backward":
        means, magnitudes = means.T, magnitudes.T
    unit_layer, other_layer = (lower, upper) if direction == "forward" else (upper, lower)
    found = asked(
        measured,
        "select contribution_statistics.* from contribution_statistics inner join units using (unit_id) "
        "inner join layers using (layer_id) inner join layers as others on other_layer_id = others.layer_id "
        "where direction = $direction and layers.layer_name = $unit_layer and others.layer_name = $other_layer "
        "order by channel_index",
        direction=direction,
        unit_layer=unit_layer,
        other_layer=other_layer,
    )
    rows = [one_by_one(values) for values in means]
    expected = {
        **{name: np.array([row[name] for row in rows]) for name in rows[0]},
        "magnitude_mean": magnitudes.mean(axis=1),
        "magnitude_l2_norm": np.linalg.norm(magnitudes, axis=1),
    }
    assert found["contribution_count"].to_list() == [128] * 128
    assert len(expected) == 15
    for name, column in expected.items():
        np.testing.assert_allclose(
            found[name].cast(pl.Float64).fill_null(np.nan).to_numpy(), column, rtol=1e-5, atol=1e-7, err_msg=name
        )


def test_every_unit_of_every_pair_of_layers_has_both_its_rows(measured: Path) -> None:
    found = asked(
        measured,
        "select direction, layers.layer_name, others.layer_name, count(*), min(contribution_count), "
        "max(contribution_count), count(distinct unit_id) from contribution_statistics "
        "inner join units using (unit_id) inner join layers using (layer_id) "
        "inner join layers as others on other_layer_id = others.layer_id group by all",
    ).rows()
    expected = set()
    for lower, upper in PAIRS:
        below, above = COUNTS[lower], COUNTS[upper]
        expected |= {("forward", lower, upper, below, above, above, below)}
        expected |= {("backward", upper, lower, above, below, below, above)}
    assert set(found) == expected


@pytest.mark.parametrize(("lower", "upper"), PAIRS[2:4])
def test_the_correspondence_of_magnitude_and_mean_is_the_rank_correlation(
    measured: Path, lower: str, upper: str
) -> None:
    sums, magnitudes = (
        stored(measured, name, lower, upper).astype(float).ravel() for name in ("weight_sum", "weight_l2")
    )
    found = asked(
        measured,
        "select magnitude_mean_rank_correlation from magnitude_mean_correspondence "
        "where lower_layer = $lower and upper_layer = $upper",
        lower=lower,
        upper=upper,
    ).item()
    assert found == pytest.approx(scipy.stats.spearmanr(np.abs(sums), magnitudes).statistic, abs=1e-9)
    assert 0 < found < 1


@pytest.mark.parametrize("core_count", [1, 8], ids=["one after the other", "beside each other"])
def test_contributions_in_many_shards_are_the_same(
    model: ClipModel, measured: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, core_count: int
) -> None:
    path = Path(shutil.copy(measured, tmp_path / "w.duckdb"))
    with duckdb.connect(str(path)) as connection:
        for table in ("contribution_statistics", "layer_pair_statistics", "shards", "runs"):
            connection.execute(f"delete from {table} where run_id = 2")
    # 4/2/3 has 65,536, 65,536 and 16,384 pairs, so that its second shard holds two lower layers.
    monkeypatch.setattr(ingest.weights.contributions, "_PAIRS_PER_SHARD", 80_000)
    monkeypatch.setattr(ingest.weights.contributions, "usable_cores", lambda: core_count)
    assert run(ContributionsJob(model, CPU, path, 1), path) == Outcome(2, 2 + 3, 0)
    for table in ("contribution_statistics", "layer_pair_statistics"):
        # Equal to the last bits: threads gather a set in any order.
        assert_frame_equal(asked(path, f"from {table} order by all"), asked(measured, f"from {table} order by all"))


def test_what_is_loaded_is_not_computed_beside_what_is_missing(
    model: ClipModel, measured: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest.weights.contributions, "_PAIRS_PER_SHARD", 80_000)
    monkeypatch.setattr(ingest.weights.contributions, "usable_cores", lambda: 8)
    with closing(ContributionsJob(model, CPU, measured, 1)) as job:
        monkeypatch.setattr(job, "_tables", lambda shard, pool: {"of": len(shard)})
        begun = Run(2, "", frozenset({1}), {}, {}, [])
        assert job.compute(0, begun, lambda _: None) == {"of": len(job.shards[0])}
        assert (job.shard_count, sorted(job._computing)) == (5, [2, 3])
        assert job.compute(1, begun, lambda _: None) == {"of": len(job.shards[1])}, "it was asked for"


def test_the_same_contributions_job_again_does_nothing(model: ClipModel, measured: Path) -> None:
    before = measured.read_bytes()
    again = ContributionsJob(model, CPU, measured, 1)
    again.compute = lambda *_: pytest.fail("computed again")  # type: ignore[method-assign]
    assert run(again, measured) == Outcome(2, 0, again.shard_count)
    assert measured.read_bytes() == before
