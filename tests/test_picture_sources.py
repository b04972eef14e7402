"""Every form of SOURCE gives the same pictures, in a fixed order, and each address leads back to its bytes."""

from __future__ import annotations

import io
import json
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from PIL import Image

from helpers.picture_files import drawn, saved
from helpers.playing_site import Answer, playing
from ingest.pictures.job import Seen
from ingest.stimuli import picture_sources
from ingest.stimuli.decoding import DecodingSettings, decode_all
from ingest.stimuli.downloads import Limits
from ingest.stimuli.inventory import Inventory, Picture, take_inventory
from ingest.stimuli.picture_sources import items, read_picture
from warehouse.errors import InputError, SetUnanswered, SiteGone

CONTENTS = [saved(Image.fromarray(drawn(seed, 12, 10)), "PNG") for seed in range(7)]
CAPTIONS = [f"picture {seed}" for seed in range(7)]


def read_back(source: object) -> tuple[list[bytes], list[str | None], list[tuple[str, ...]]]:
    found = list(items(str(source)))
    return [read_picture(i.uri) for i in found], [i.caption for i in found], [i.keywords for i in found]


def members() -> dict[str, bytes]:
    """webdataset: picture, caption and label of the same key, in no good order."""
    named = {f"{seed:03d}.png": content for seed, content in enumerate(CONTENTS)}
    named |= {f"{seed:03d}.txt": caption.encode() for seed, caption in enumerate(CAPTIONS)}
    named |= {f"{seed:03d}.cls": str(seed).encode() for seed in range(7)}
    return dict(reversed(named.items()))


def write_tar(path: Path, chosen: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w") as archive:
        for name, content in chosen.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def write_zip(path: Path, chosen: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in chosen.items():
            archive.writestr(name, content)
    return path


def test_tar_zip_and_folder_say_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "folder!with#marks"
    folder.mkdir()
    for name, content in members().items():
        (folder / name).write_bytes(content)
    expected = (CONTENTS, CAPTIONS, [(str(seed),) for seed in range(7)])
    assert read_back(write_tar(tmp_path / "a.tar", members())) == expected
    assert read_back(write_zip(tmp_path / "a.zip", members())) == expected
    assert read_back(folder) == expected


def test_several_shards_by_folder_commas_and_braces(tmp_path: Path) -> None:
    shards = tmp_path / "shards"
    shards.mkdir()
    for shard in range(3):
        part = {name: content for name, content in members().items() if int(name[:3]) % 3 == shard}
        write_tar(shards / f"s-{shard:02d}.tar", part)
    expected = [CONTENTS[seed] for shard in range(3) for seed in range(shard, 7, 3)]
    assert read_back(shards)[0] == expected
    assert read_back(f"{shards}/s-{{00..02}}.tar")[0] == expected
    assert read_back(f"{shards}/s-{{00,01}}.tar,{shards}/s-02.tar")[0] == expected


@pytest.mark.parametrize("nested", [False, True], ids=["bytes", "Hugging Face"])
@pytest.mark.parametrize("suffix", [".parquet", ".arrow"])
def test_tables_of_bytes(tmp_path: Path, suffix: str, nested: bool) -> None:
    images = [{"bytes": content, "path": None} for content in CONTENTS] if nested else CONTENTS
    table = pa.table({"image": images, "caption": CAPTIONS, "keywords": [["a", str(seed)] for seed in range(7)]})
    path = tmp_path / f"t{suffix}"
    if suffix == ".parquet":
        pq.write_table(table, path, row_group_size=3)
    else:
        pyarrow.feather.write_feather(table, path, chunksize=3, compression="uncompressed")
    assert read_back(path) == (CONTENTS, CAPTIONS, [("a", str(seed)) for seed in range(7)])


def test_tables_of_paths_are_meant_from_their_folder(tmp_path: Path) -> None:
    for seed, content in enumerate(CONTENTS):
        (tmp_path / f"{seed}.png").write_bytes(content)
    pq.write_table(pa.table({"path": [f"{seed}.png" for seed in range(7)], "label": range(7)}), tmp_path / "t.parquet")
    assert read_back(tmp_path / "t.parquet") == (CONTENTS, [None] * 7, [(str(seed),) for seed in range(7)])


def test_a_list_of_urls_is_downloaded_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, site: tuple[str, list[str]]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    address, asked = site
    (tmp_path / "urls.txt").write_text(
        f"# ours\n{address}/0\n\n{address}/1\n{address}/gone\nhttp://example.org/x.png\n"
    )
    for _ in range(2):
        inventory = take_inventory(items(str(tmp_path / "urls.txt")), tmp_path)
        found = inventory.pictures(range(0, 4))
        assert [read_picture(picture.uri) for picture in found[:2]] == CONTENTS[:2]
        assert [picture.error_message is None for picture in found] == [True, True, False, False]
        assert "https" in str(found[3].error_message)
    assert asked.count("/0") == asked.count("/1") == 1


def test_a_site_that_does_not_answer_stops_the_set_unless_it_is_kept_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(picture_sources, "Limits", partial(Limits, attempts=1, pause_s=0))
    is_up = [False]

    def answer(path: str, before: int) -> Answer:
        return Answer(CONTENTS[0]) if path == "/0" else Answer(CONTENTS[1], is_dropped=not is_up[0])

    with playing(answer) as played:
        (tmp_path / "urls.txt").write_text(f"{played.url}/0\n{played.url}/1\n")

        def take(**options: bool) -> Inventory:
            return take_inventory(items(str(tmp_path / "urls.txt")), tmp_path, **options)

        with pytest.raises(SetUnanswered, match=rf"^1 of 2 pictures cannot be fetched now, the first {played.url}/1"):
            take()
        kept = take(keeps_unanswered=True)
        holed = kept.pictures(range(2))
        assert [picture.error_message for picture in holed] == [None, "no connection"]
        is_up[0] = True
        whole = take()
        assert [picture.error_message for picture in whole.pictures(range(2))] == [None, None]
        assert kept.set_sha256 != whole.set_sha256
        assert played.asked["/0"] == 1
        asked = played.asked["/1"]
        (decoded,) = decode_all([(holed[1].uri, holed[1].content_sha256)], DecodingSettings(8))
        assert decoded.pixels is None and played.asked["/1"] == asked, "what the set lacks is not asked for again"


def test_a_picture_that_was_there_and_cannot_be_had_again_stops_the_shard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cache is gone, or another machine's: an error in its row would be in no other run of these settings."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(picture_sources, "Limits", partial(Limits, attempts=1, pause_s=0))
    with playing(lambda path, before: Answer(is_dropped=True)) as played:
        picture = Picture(f"{played.url}/0", None, (), "0" * 64, None)
        (decoded,) = decode_all([(picture.uri, picture.content_sha256)], DecodingSettings(8))
    with pytest.raises(SiteGone, match="run the same command again"):
        Seen([picture], frozenset()).add(decoded)
    Seen([replace(picture, error_message="no connection")], frozenset()).add(decoded)


@pytest.fixture
def site() -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            known = self.path[1:].isdigit()
            self.send_response(200 if known else 404)
            self.end_headers()
            self.wfile.write(CONTENTS[int(self.path[1:])] if known else b"gone")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def test_the_inventory_holds_each_picture_once_and_content_is_its_identity(tmp_path: Path) -> None:
    one = write_zip(tmp_path / "a.zip", {f"{seed}.png": CONTENTS[seed % 3] for seed in range(6)})
    other = write_tar(tmp_path / "b.tar", {f"x{seed}.png": CONTENTS[seed] for seed in range(3)})
    first = take_inventory(items(str(one)), tmp_path)
    assert (first.given_count, first.picture_count) == (6, 3)
    assert [picture.uri.rpartition("!")[2] for picture in first.pictures(range(0, 9))] == ["0.png", "1.png", "2.png"]
    assert [picture.uri.rpartition("!")[2] for picture in first.pictures(range(1, 2))] == ["1.png"]
    assert take_inventory(items(str(other)), tmp_path).set_sha256 == first.set_sha256


def test_an_invalid_source_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"no zip")
    (tmp_path / "a.parquet").write_bytes(b"no table")
    (tmp_path / "a.tar").write_bytes(b"no tar" * 200)
    pq.write_table(pa.table({"number": [1]}), tmp_path / "b.parquet")
    for name in ("a.zip", "a.parquet", "a.tar", "b.parquet", "none"):
        with pytest.raises(InputError):
            list(items(str(tmp_path / name)))
    with pytest.raises(InputError, match="no pictures"):
        take_inventory(items(str(write_zip(tmp_path / "empty.zip", {}))), tmp_path)
    with pytest.raises(InputError, match="moved or removed"):
        read_picture(str(tmp_path / "gone.png"))


def test_notes_that_are_not_json_are_ignored(tmp_path: Path) -> None:
    (tmp_path / "0.png").write_bytes(CONTENTS[0])
    (tmp_path / "0.json").write_text("{")
    (tmp_path / "1.png").write_bytes(CONTENTS[1])
    (tmp_path / "1.json").write_text(json.dumps({"caption": "a cap", "labels": ["x"]}))
    assert read_back(tmp_path)[1:] == ([None, "a cap"], [(), ("x",)])
