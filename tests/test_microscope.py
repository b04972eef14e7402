"""The microscope job against a site on this machine that plays OpenAI Microscope: sound, wrong, slow and gone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote

import polars as pl
import pytest
from PIL import Image

import warehouse
from clip_warehouse import main
from helpers.playing_site import Answer, Site, playing
from ingest.features.microscope import MicroscopeJob, slug_of
from ingest.features.microscope_site import MicroscopeSite, SiteAddresses, op_of, picture_in
from ingest.network.device import arithmetic
from ingest.network.model import ClipModel, load_model
from ingest.network.unit_selection import select_units
from ingest.runs.loop import run
from ingest.stimuli import downloads
from ingest.stimuli.downloads import Downloads, Limits
from warehouse.checking import check
from warehouse.errors import SiteGone, UsageError

QUICK = Limits(attempts=2, backoff_s=0.001, silence_s=0.2, total_s=2, pause_s=0)
# How public pages link three units of RN50 (objective neuron): the part of each address that says what is shown.
PUBLISHED = [
    (
        "image_block_4_2_Add_6_0",
        1478,
        "alpha%3DFalse%26negative%3DFalse%26objective%3Dneuron%26op%3Dimage_block_4%252F2%252FAdd_6%253A0%26repeat%3D0"
        "%26start%3D1472%26steps%3D4096%26stop%3D1504%2Fchannel-1478.png",
    ),
    (
        "image_block_4_1_add_3_0",
        414,
        "alpha%3DFalse%26negative%3DFalse%26objective%3Dneuron%26op%3Dimage_block_4%252F1%252Fadd_3%253A0%26repeat%3D0"
        "%26start%3D384%26steps%3D4096%26stop%3D416%2Fchannel-414.png",
    ),
    (
        "image_block_4_2_add_1_0",
        493,
        "alpha%3DFalse%26negative%3DFalse%26objective%3Dneuron%26op%3Dimage_block_4%252F2%252Fadd_1%253A0%26repeat%3D0"
        "%26start%3D480%26steps%3D4096%26stop%3D512%2Fchannel-493.png",
    ),
]


@pytest.fixture(scope="module")
def model() -> ClipModel:
    """The bundled model under a name that Microscope knows: its addresses are RN50's."""
    return replace(load_model("emoji-rn50"), model_name="RN50-quickgelu", pretrained_tag="openai")


def png(colour: int = 0, size: tuple[int, int] = (64, 64)) -> bytes:
    content = BytesIO()
    Image.new("RGB", size, (colour, 80, 200)).save(content, format="PNG")
    return content.getvalue()


def unit_of(path: str) -> int:
    return int(path.rsplit("channel-", 1)[1].removesuffix(".png"))


def is_picture(path: str) -> bool:
    return "channel-" in path


def job(model: ClipModel, site: Site, cache: Path, units: str = "4/2/6/3,4/2/6/40,4/2/5/7", **options) -> MicroscopeJob:
    options.setdefault("addresses", SiteAddresses.mirror(site.url))
    return MicroscopeJob(
        model, select_units(model.layers, units), arithmetic("cpu"), Downloads(cache, QUICK), **options
    )


def stored(path: Path) -> pl.DataFrame:
    return warehouse.query(
        "select feature_visualizations.*, unit_name from feature_visualizations inner join units using (unit_id) "
        "order by unit_id",
        warehouse=path,
    )


@pytest.mark.parametrize(("layer", "unit", "published"), PUBLISHED)
def test_addresses_are_the_published_ones(layer: str, unit: int, published: str) -> None:
    url = MicroscopeSite(Downloads(Path()), "contrastive_rn50", "neuron", SiteAddresses()).picture_url(
        SiteAddresses().pictures[0], layer, unit
    )
    base, shown = url.split("/lucid.feature_vis/_feature_vis/")
    assert base == "https://oaiggoh.blob.core.windows.net/microscopeprod/2020-07-25/2020-07-25/contrastive_rn50"
    assert shown.replace("/channel", "%2Fchannel") == published


def test_the_whole_address_of_a_picture_and_of_a_list() -> None:
    site = MicroscopeSite(Downloads(Path()), "contrastive_rn50", "channel", SiteAddresses())
    assert site.picture_url(SiteAddresses().pictures[1], "image_block_4_2_Add_6_0", 34) == (
        "https://openaipublic.blob.core.windows.net/microscopeprod/2020-07-25/2020-07-25/contrastive_rn50/"
        "lucid.feature_vis/_feature_vis/alpha%3DFalse%26negative%3DFalse%26objective%3Dchannel%26op%3Dimage_block_4"
        "%252F2%252FAdd_6%253A0%26repeat%3D0%26start%3D32%26steps%3D4096%26stop%3D64/channel-34.png"
    )
    path, arguments = site.list_url("image_block_4_2_Add_6_0").split("?args=")
    assert path == ("https://microscope.openai.com/api/encyclopedia_endpoints/call:FeatureVisEndpoints.op_feature_vis")
    assert unquote(arguments) == (
        '["FeatureVisEndpoints",[],"op_feature_vis",["contrastive_rn50","image_block_4_2_Add_6_0","channel",4096,0]]'
    )


def test_an_op_is_the_layer_with_its_slashes() -> None:
    assert op_of("image_block_3_0_add_7_0") == "image_block_3/0/add_7:0"


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("RN50", "contrastive_rn50"),
        ("RN101-quickgelu", "contrastive_v2"),
        ("RN50x4", "contrastive_4x"),
        ("RN50x16-quickgelu", "contrastive_16x"),
    ],
)
def test_models_that_microscope_knows(name: str, slug: str) -> None:
    for tag in (
        "openai",
        f"/home/me/{name.removesuffix('-quickgelu')}.pt",
        "/models/resnet_clip.openai/model.safetensors",
    ):
        assert slug_of(name, tag) == slug


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("emoji-rn50", "bundled"),
        ("RN50", "yfcc15m"),
        ("RN50x64", "openai"),
        ("RN50", "random-0"),
        ("RN50", "/home/me/RN101.pt"),
        ("RN50-quickgelu", "/home/me/epoch_3.pt"),
    ],
)
def test_models_that_it_does_not_know_are_a_usage_error(name: str, tag: str) -> None:
    with pytest.raises(UsageError, match=r"shows no .*only OpenAI's own weights"):
        slug_of(name, tag)


def test_a_file_of_openais_name_is_taken_in_any_folder_and_another_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, code, said in (("RN50.pt", 1, "RN50.pt"), ("mine.pt", 2, "only OpenAI's own weights")):
        (tmp_path / name).write_bytes(b"")
        asked = ["ingest", "microscope", "--model", "RN50", "--pretrained", name, "--warehouse", "w.duckdb"]
        assert main(asked) == code
        err = capsys.readouterr().err
        assert said in err and ("shows no" in err) == (code == 2)


def test_pictures_are_stored_with_address_hash_and_what_the_unit_answers(model: ClipModel, tmp_path: Path) -> None:
    with playing(lambda path, before: Answer(png(unit_of(path)))) as site:
        run(job(model, site, tmp_path / "cache"), tmp_path / "w.duckdb")
        assert sum(site.asked.values()) == 3
    rows = stored(tmp_path / "w.duckdb")
    assert rows["unit_name"].to_list() == ["4/2/5/7", "4/2/6/3", "4/2/6/40"]
    assert rows["image"].to_list() == [png(7), png(3), png(40)]
    assert set(rows["source"]) == {"microscope"}
    assert rows["source_uri"][1].endswith("/channel-3.png")
    assert rows["error_message"].null_count() == 3
    assert rows["activation_max"].null_count() == 0
    assert all(not result.failing_count for result in check(tmp_path / "w.duckdb"))


def test_a_second_run_asks_the_site_nothing(model: ClipModel, tmp_path: Path) -> None:
    with playing(lambda path, before: Answer(png())) as site:
        run(job(model, site, tmp_path / "cache"), tmp_path / "one.duckdb")
        asked = sum(site.asked.values())
        run(job(model, site, tmp_path / "cache"), tmp_path / "two.duckdb")
        assert sum(site.asked.values()) == asked
    assert len(stored(tmp_path / "two.duckdb")) == 3


GARBAGE = {
    "text": (b"<html>sorry</html>", "not a picture"),
    "half a picture": (png()[:60], "not a picture"),
    "empty": (b"", "not a picture"),
    "giant": (png(size=(2049, 1)), "not a picture"),
}


@pytest.mark.parametrize("kind", GARBAGE)
def test_garbage_is_a_row_with_its_reason(kind: str, model: ClipModel, tmp_path: Path) -> None:
    content, said = GARBAGE[kind]
    with playing(lambda path, before: Answer(content if path.endswith("channel-40.png") else png())) as site:
        run(job(model, site, tmp_path / "cache"), tmp_path / "w.duckdb")
    rows = stored(tmp_path / "w.duckdb").filter(unit_name="4/2/6/40")
    assert (rows["image"].item(), rows["content_sha256"].item(), rows["activation_mean"].item()) == (None, None, None)
    assert said in rows["error_message"].item() or "list" in rows["error_message"].item()


def test_a_picture_as_large_as_a_bomb_is_not_decoded() -> None:
    assert picture_in(png(size=(2048, 1))) is not None
    assert picture_in(png(size=(2049, 1))) is None


def test_the_second_host_is_asked_when_the_first_has_none(model: ClipModel, tmp_path: Path) -> None:
    def answer(path: str, before: int) -> Answer:
        return Answer(status=404) if path.startswith("/first") else Answer(png())

    with playing(answer) as site:
        addresses = SiteAddresses((f"{site.url}/first", f"{site.url}/second"), site.url)
        run(job(model, site, tmp_path / "cache", addresses=addresses), tmp_path / "w.duckdb")
    assert all("/second/" in url for url in stored(tmp_path / "w.duckdb")["source_uri"])


def test_the_list_is_asked_once_a_layer_when_no_host_has_it(model: ClipModel, tmp_path: Path) -> None:
    def answer(path: str, before: int) -> Answer:
        if is_picture(path):
            return Answer(status=404)
        if path.startswith("/kept"):
            return Answer(png())
        images = [{"images": [{"image": {"url": f"{site.url}/kept/{unit}"}}]} for unit in range(41)]
        return Answer(json.dumps({"result": {"channels": images}}).encode())

    with playing(answer) as site:
        run(job(model, site, tmp_path / "cache", "4/2/6/3,4/2/6/40,4/2/6/41"), tmp_path / "w.duckdb")
        assert sum(count for path, count in site.asked.items() if "op_feature_vis" in path) == 1
    rows = stored(tmp_path / "w.duckdb")
    assert [str(url)[-3:] for url in rows["source_uri"]] == ["t/3", "/40", "one"]
    assert rows["error_message"][2] is not None


@pytest.mark.parametrize("listed", [b"[]", b"{", b'{"result": {"channels": [{"images": []}]}}', b"[" * 100_000])
def test_a_list_of_garbage_is_a_row_with_its_reason(listed: bytes, model: ClipModel, tmp_path: Path) -> None:
    with playing(lambda path, before: Answer(status=404) if is_picture(path) else Answer(listed)) as site:
        run(job(model, site, tmp_path / "cache", "4/2/6/0"), tmp_path / "w.duckdb")
    assert stored(tmp_path / "w.duckdb")["error_message"].to_list() == ["status 404"]


@contextmanager
def gone(_: Callable[[str, int], Answer]) -> Iterator[Site]:
    """A site whose port nobody listens on any more."""
    with playing(lambda path, before: Answer()) as site:
        pass
    yield site


@pytest.mark.parametrize(
    ("how", "answer"),
    [(gone, Answer()), (playing, Answer(status=503)), (playing, Answer(b"xx", chunk_pause_s=30))],
    ids=["no connection", "errors", "silence"],
)
def test_a_site_that_is_gone_ends_the_run_and_leaves_no_row(how, answer, model: ClipModel, tmp_path: Path) -> None:
    with how(lambda path, before: answer) as site:
        with pytest.raises(SiteGone, match="when the site is back"):
            run(job(model, site, tmp_path / "cache", "4/2/6"), tmp_path / "w.duckdb")
        # three units, two ways each, two attempts: then nobody is asked any more
        assert sum(site.asked.values()) <= 12
    assert not len(stored(tmp_path / "w.duckdb"))
    assert all(not result.failing_count for result in check(tmp_path / "w.duckdb"))


UNITS = ",".join(f"4/2/6/{channel}" for channel in range(35))  # two shards, of 32 and of 3


def test_a_run_goes_on_when_the_site_is_back(model: ClipModel, tmp_path: Path) -> None:
    is_back = False

    def answer(path: str, before: int) -> Answer:
        return Answer(png()) if is_back or "start%3D0" in path else Answer(status=503)

    with playing(answer) as site:
        with pytest.raises(SiteGone):
            run(job(model, site, tmp_path / "cache", UNITS), tmp_path / "w.duckdb")
        assert len(stored(tmp_path / "w.duckdb")) == 32
        is_back = True
        outcome = run(job(model, site, tmp_path / "cache", UNITS), tmp_path / "w.duckdb")
    assert (outcome.computed, outcome.found) == (1, 1)
    assert stored(tmp_path / "w.duckdb")["error_message"].null_count() == 35


def test_a_single_unit_that_cannot_be_reached_is_not_a_row_either(model: ClipModel, tmp_path: Path) -> None:
    with playing(lambda path, before: Answer(status=500)) as site, pytest.raises(SiteGone):
        run(job(model, site, tmp_path / "cache", "4/2/6/3"), tmp_path / "w.duckdb")
    assert not len(stored(tmp_path / "w.duckdb"))


def test_one_bad_unit_among_good_ones_is_a_row_and_the_run_goes_on(model: ClipModel, tmp_path: Path) -> None:
    def answer(path: str, before: int) -> Answer:
        return Answer(status=500) if "channel-3." in path or not is_picture(path) else Answer(png())

    with playing(answer) as site:
        run(job(model, site, tmp_path / "cache"), tmp_path / "w.duckdb")
    errors = stored(tmp_path / "w.duckdb").select("unit_name", "error_message").drop_nulls().rows()
    assert errors == [("4/2/6/3", "status 500")]


def test_a_silence_that_passes_before_its_shard_ends_is_no_row(model: ClipModel, tmp_path: Path) -> None:
    def answer(path: str, before: int) -> Answer:
        is_silent = "channel-3." in path and before < QUICK.attempts
        return Answer(status=503) if is_silent or not is_picture(path) else Answer(png())

    with playing(answer) as site:
        run(job(model, site, tmp_path / "cache", "4/2/6/3,4/2/6/9"), tmp_path / "w.duckdb")
    rows = stored(tmp_path / "w.duckdb")
    assert rows["unit_name"].to_list() == ["4/2/6/3", "4/2/6/9"] and rows["error_message"].null_count() == 2


def test_the_command_says_in_one_line_that_the_site_is_gone(
    model: ClipModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr("ingest.commands.running.load_model", lambda *_, **__: model)
    monkeypatch.setattr(downloads.time, "sleep", lambda _: None)
    with gone(lambda path, before: Answer()) as site:
        pass
    arguments = ["--site", site.url, "--cache", str(tmp_path / "c"), "--warehouse", str(tmp_path / "w.duckdb")]
    assert main(["ingest", "microscope", "--units", "4/2/6/3,4/2/6/2", *arguments]) == 1
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("clip-warehouse:")]
    assert "cannot download http://127.0.0.1" in line
    assert "no connection" in line
    assert main(["ingest", "microscope", "--model", "emoji-rn50", *arguments]) == 2
