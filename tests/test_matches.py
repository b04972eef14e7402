"""Matched units of two models: the maths compared with numpy, and the job on a model and its own permuted copy."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest
import torch
from safetensors.torch import load_file, save_file

import ingest.matches.job as ingest_job
import warehouse
from clip_warehouse import main
from helpers import narrow_model
from ingest.assets import ASSETS
from ingest.bundled.picture_set import PICTURE_SET
from ingest.matches.job import MatchesSettings
from ingest.matches.partners import best_held, correlations, partners, rotated, rotation
from ingest.matches.products import Products
from ingest.matches.shown import ShownWords, fitting, is_held_out
from ingest.stimuli.texts import RasterSettings, rasterise, text_stimuli
from warehouse.checking import check

RNG = np.random.default_rng(7)


def products_of(one: np.ndarray, other: np.ndarray, size: int = 7) -> Products[str]:
    found = Products([("one", "other")])
    for start in range(0, len(one), size):
        batch = {"one": one[start : start + size], "other": other[start : start + size]}
        found.add({key: torch.from_numpy(values) for key, values in batch.items()})
    return found


def correlated(found: Products[str]) -> np.ndarray:
    return correlations(found.covariance("one", "other"), found.variance("one"), found.variance("other")).numpy()


def test_correlations_over_batches_equal_numpys_over_all_pictures() -> None:
    """Float32 values far from zero, as sums of squares would lose them; a unit that never changes has none."""
    one = (1e4 + RNG.standard_normal((60, 4))).astype(np.float32)
    other = (one[:, :1] * 3 - 2e4 + RNG.standard_normal((60, 3))).astype(np.float32)
    one[:, 3], other[:, 1] = 0.1, 0
    found = correlated(products_of(one, other))
    with np.errstate(invalid="ignore"):
        expected = np.corrcoef(one.astype(float).T, other.astype(float).T)[:4, 4:]
    np.testing.assert_allclose(found[:3, [0, 2]], expected[:3, [0, 2]], atol=1e-10)
    assert np.isnan(found[3]).all() and np.isnan(found[:, 1]).all()


def test_a_unit_that_changes_by_rounding_alone_does_not_change() -> None:
    one = np.full((20, 1), 0.3, np.float32)
    one[::2] = np.nextafter(np.float32(0.3), np.float32(1))
    assert np.isnan(correlated(products_of(one, RNG.standard_normal((20, 1)).astype(np.float32)))).all()


def test_partners_are_the_best_of_the_choice_with_their_ranks_on_what_was_held_out() -> None:
    choice, held = RNG.uniform(-1, 1, (2, 9, 6))
    choice[2], choice[:, 4] = np.nan, np.nan
    held[5, 3] = np.nan
    found = partners(torch.from_numpy(choice), torch.from_numpy(held), 3)
    assert (found.channel[2] == -1).all(), "a unit that does not change has no partner"
    for unit in (0, 1, 3, 5, 8):
        expected = sorted({0, 1, 2, 3, 5}, key=lambda channel: -choice[unit, channel])[:3]
        assert found.channel[unit].tolist() == expected
        for place, channel in enumerate(expected):
            assert found.choice[unit, place] == choice[unit, channel]
            if np.isfinite(held[unit, channel]):
                assert found.held[unit, place] == held[unit, channel]
                assert found.rank[unit, place] == 1 + sum(held[unit] > held[unit, channel])
                assert found.back_rank[unit, place] == 1 + sum(held[:, channel] > held[unit, channel])


def test_a_rotated_layers_correlations_are_those_of_rotated_maps() -> None:
    """From covariances alone; the witness mixes the channels of whole maps and averages over positions then."""
    one, maps = RNG.standard_normal((30, 5)), RNG.standard_normal((30, 4, 3, 3)) ** 2
    turn = rotation(4, 0, 1)
    np.testing.assert_allclose(turn @ turn.T, np.eye(4), atol=1e-12)
    found = products_of(one, maps.mean((2, 3)))
    mixed, variance = rotated(found.covariance("one", "other"), found.covariance("other", "other"), turn)
    ours = correlations(mixed, found.variance("one"), variance).numpy()
    means = np.einsum("nchw,cd->ndhw", maps, turn.numpy()).mean((2, 3))
    np.testing.assert_allclose(ours, np.corrcoef(one.T, means.T)[:5, 5:], atol=1e-12)
    assert not torch.equal(turn, rotation(4, 0, 2)) and torch.equal(turn, rotation(4, 0, 1))


def test_two_layers_of_one_space_without_a_common_basis_exceed_their_null_by_nothing() -> None:
    """The other layer is the first one turned: its units answer to the same, but none to the same as another."""
    seen = RNG.standard_normal((2, 4_000, 40))
    turn, null_turn = rotation(40, 1), rotation(40, 2)
    found = [products_of(half, half @ turn.numpy(), 1_000) for half in seen]
    real = best_held(*(torch.from_numpy(correlated(half)) for half in found))
    null = best_held(
        *(
            correlations(mixed, half.variance("one"), variance)
            for half in found
            for mixed, variance in [
                rotated(half.covariance("one", "other"), half.covariance("other", "other"), null_turn)
            ]
        )
    )
    assert real.mean() > 0.3
    assert abs(float(real.mean() - null.mean())) < 0.05


# The job


def permuted_copy(folder: Path) -> np.ndarray:
    """The bundled model in a folder, with the channels of block 4's outputs in another order: old[order[c]] at c."""
    source = ASSETS / "emoji-rn50"
    folder.mkdir()
    for name in ("open_clip_config.json", "kept_tokens.json", "concepts.json"):
        shutil.copy(source / name, folder)
    state = load_file(source / "open_clip_model.safetensors")
    order = torch.randperm(len(state["visual.layer4.2.bn3.weight"]), generator=torch.Generator().manual_seed(3))
    for name, tensor in state.items():
        _, _, rest = name.partition("visual.")
        if rest.startswith(("layer4.0.downsample", "layer4.0.conv3", "layer4.1.conv3", "layer4.2.conv3")) or (
            rest.startswith("layer4.") and ".bn3." in rest
        ):
            state[name] = tensor[order] if tensor.ndim else tensor
        elif rest in ("layer4.1.conv1.weight", "layer4.2.conv1.weight", "attnpool.positional_embedding") or (
            rest.startswith("attnpool.") and rest.endswith(("q_proj.weight", "k_proj.weight", "v_proj.weight"))
        ):
            state[name] = tensor[:, order]
    save_file({name: tensor.contiguous() for name, tensor in state.items()}, folder / "open_clip_model.safetensors")
    return order.numpy()


@pytest.fixture(scope="module")
def pictured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eighty of the bundled pictures, in a file."""
    folder = tmp_path_factory.mktemp("matches")
    pl.read_parquet(PICTURE_SET).gather_every(64).write_parquet(folder / "some.parquet")
    path = folder / "w.duckdb"
    typed = ["ingest", "pictures", str(folder / "some.parquet"), "--layers", "4/2/6", "--warehouse", str(path)]
    assert main(typed) == 0
    return path


def ingest(path: Path, *typed: str) -> int:
    return main(["ingest", "matches", *typed, "--warehouse", str(path), "--device", "cpu"])


def copy_of(path: Path, folder: Path) -> Path:
    return Path(shutil.copy(path, folder / "w.duckdb"))


@pytest.fixture(scope="module")
def permuted(pictured: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, np.ndarray]:
    folder = tmp_path_factory.mktemp("permuted")
    path, order = copy_of(pictured, folder), permuted_copy(folder / "copy")
    own = ["--layers", "4/0/8,4/1/6", "--other-layers", "4/1/6,3/5/6"]
    assert ingest(path, f"local-dir:{folder / 'copy'}", *own) == 0
    return path, order


def test_a_permuted_copy_gives_the_permutation_back(permuted: tuple[Path, np.ndarray]) -> None:
    path, order = permuted
    found = warehouse.query(
        "from unit_matches where match_rank = 1 and layer_name = '4/1/6' and correlation is not null",
        warehouse=path,
    )
    place = np.argsort(order)
    assert len(found) > 400
    for row in found.iter_rows(named=True):
        channel = int(row["unit_name"].split("/")[-1])
        assert row["other_unit_name"] == f"4/1/6/{place[channel]}"
        assert row["is_best_match"] and row["is_matched"] and row["correlation"] > 0.999
    assert set(found["other_model_name"]) != set(found["model_name"]), "whose units they are is said"
    assert [one.check_name for one in check(path) if one.failing_count] == []


@pytest.fixture(scope="module")
def several(pictured: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model beside itself, beside an untrained one of another size on words, and beside itself on captions."""
    path = copy_of(pictured, tmp_path_factory.mktemp("several"))
    words = path.with_name("words.txt")
    words.write_text("\n".join(f"word{place}" for place in range(50)) + "\n" + 200 * "w")
    assert ingest(path, "emoji-rn50", "--layers", "4/2/6", "--other-layers", "4/2/6") == 0
    untrained = [narrow_model.make_known(), "--other-pretrained", "random", "--other-seed", "5"]
    assert ingest(path, *untrained, "--shown", "words", "--file", str(words), "--layers", "4/2/6,3/5/6") == 0
    assert ingest(path, "emoji-rn50", "--shown", "captions", "--layers", "4/2/6", "--other-layers", "4/2/6") == 0
    return path


def test_rows_are_correlations_of_what_a_pictures_run_stored(several: Path) -> None:
    stored = warehouse.query(
        "select content_sha256, unit_name, activation_mean from activations inner join units using (unit_id) "
        "inner join stimuli using (stimulus_id) order by unit_name, content_sha256",
        warehouse=several,
        row_limit=1 << 40,
    )
    by_unit = {name: part["activation_mean"].to_numpy().astype(float) for (name,), part in stored.group_by("unit_name")}
    contents = stored["content_sha256"].unique().sort().to_list()
    is_held = np.array([is_held_out(content) for content in contents])
    rows = warehouse.query("from unit_matches where shown = 'pictures'", warehouse=several, row_limit=1 << 40)
    assert set(rows["layer_match_rank"]) == {1, 2, 3, 4, 5}
    for row in rows.gather_every(97).iter_rows(named=True):
        one, other = by_unit[row["unit_name"]], by_unit[row["other_unit_name"]]
        assert row["choice_correlation"] == pytest.approx(np.corrcoef(one[~is_held], other[~is_held])[0, 1], abs=1e-4)
        if row["correlation"] is not None:
            assert row["correlation"] == pytest.approx(np.corrcoef(one[is_held], other[is_held])[0, 1], abs=1e-4)
    counts = warehouse.query("from layer_matches where shown = 'pictures'", warehouse=several)
    assert set(counts["choice_count"]) == {int((~is_held).sum())} and set(counts["held_out_count"]) == {is_held.sum()}


def test_another_model_of_another_size_is_there_with_its_units_and_its_run_says_what_was_shown(several: Path) -> None:
    found = warehouse.query(
        "select distinct other_model_name, other_pretrained_tag, layer_name, other_layer_name from layer_matches "
        "where shown = 'words' and not is_reverse order by all",
        warehouse=several,
    )
    ends = ("1/2/6", "2/3/6", "3/5/6", "4/2/6")
    assert found.rows() == [(narrow_model.NAME, "random-5", own, end) for own in ("3/5/6", "4/2/6") for end in ends]
    parts = warehouse.query("select part_name from shown_runs where job_name = 'matches' order by 1", warehouse=several)
    assert parts["part_name"].to_list() == [
        "emoji-rn50 (bundled)",
        "emoji-rn50 (bundled) on captions",
        f"{narrow_model.NAME} (random-5) on words",
    ]
    given = warehouse.query(
        "select count(*) from run_stimuli inner join runs using (run_id) where part_name like '%words'",
        warehouse=several,
    )
    assert given.item() == 50, "a word that does not fit is in no run"
    assert [one.check_name for one in check(several) if one.failing_count] == []


def test_the_same_again_is_nothing_to_do_and_other_rotations_are_another_run(
    several: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = copy_of(several, tmp_path)
    typed = ["emoji-rn50", "--layers", "4/2/6", "--other-layers", "4/2/6"]
    assert ingest(path, *typed) == 0
    assert "nothing to do" in capsys.readouterr().err
    assert ingest(path, *typed, "--seed", "1") == 0
    nulls = "select null_correlation from all_runs.unit_matches where run_id = $run_id and shown = 'pictures' order by "
    first, second = (
        warehouse.query(f"{nulls} unit_id, match_rank", warehouse=path, run_id=run_id, row_limit=1 << 40)
        for run_id in warehouse.query(
            "select run_id from runs where part_name = 'emoji-rn50 (bundled)' order by run_id", warehouse=path
        )["run_id"]
    )
    assert first.shape == second.shape and not first.equals(second)


def test_pairs_in_shards_of_their_own_give_the_same_rows(
    permuted: tuple[Path, np.ndarray], pictured: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest_job, "MatchesSettings", lambda **given: MatchesSettings(**given, pairs_per_shard=1))
    path = copy_of(pictured, tmp_path)
    whole = permuted[0]
    copy = f"local-dir:{whole.parent / 'copy'}"
    assert ingest(path, copy, "--layers", "4/0/8,4/1/6", "--other-layers", "4/1/6,3/5/6") == 0
    shards = warehouse.query("select max(shard_count) from runs where job_name = 'matches'", warehouse=path)
    assert shards.item() == 4
    rows = (
        "select is_reverse, unit_name, other_unit_name, correlation, null_correlation, held_out_back_rank "
        "from unit_partners order by all"
    )
    one, other = (warehouse.query(rows, warehouse=file, row_limit=1 << 40) for file in (whole, path))
    assert one.equals(other)


def test_pictures_that_are_gone_are_left_out_and_counted(
    pictured: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = copy_of(pictured, tmp_path)
    with duckdb.connect(str(path)) as connection:
        connection.execute("update stimuli set source_uri = 'gone.png' where stimulus_id % 10 = 0")
    assert ingest(path, "emoji-rn50", "--layers", "2/3/6", "--other-layers", "2/3/6") == 0
    assert "8 pictures could not be read any more: they are left out" in capsys.readouterr().err
    counts = warehouse.query("select choice_count + held_out_count from layer_matches", warehouse=path).to_series()
    assert set(counts) == {72}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["--count", "20"], "show more, at least 16 of each"),
        (["--layers", "9/9/9"], "9/9/9"),
        (["--other-seed", "-1", "--other-pretrained", "random"], "--seed -1"),
        (["--file", "words.txt"], "--shown words"),
        (["--count", "0"], "--count 0"),
    ],
)
def test_a_mistake_is_one_line(typed: list[str], said: str, pictured: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ingest(pictured, "emoji-rn50", *typed) in (1, 2)
    assert said in capsys.readouterr().err


def test_a_file_without_pictures_names_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ingest(tmp_path / "none.duckdb", "emoji-rn50") == 1
    assert "ingest pictures SOURCE" in capsys.readouterr().err


def test_words_are_drawn_at_each_models_own_size_and_lie_in_one_half() -> None:
    own, other = RasterSettings(64, 12), RasterSettings(96, 18)
    words = ("hat", "cat")
    shown = ShownWords(words, text_stimuli(words, own), own, other)
    one, two = shown.read([1])
    assert one[0].shape == (64, 64) and two[0].shape == (96, 96)
    np.testing.assert_array_equal(two[0], rasterise(["cat"], other)[0])
    assert fitting(["hat", "", 30 * "w"], own, other) == [True, False, False]
    halves = [is_held_out(f"word {place}") for place in range(400)]
    assert 150 < sum(halves) < 250
