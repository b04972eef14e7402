"""Folders, archives, tables and lists as people have them: pictures with captions and keywords, the rest counted."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import random
import re
import tarfile
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from ingest.stimuli import picture_archives
from ingest.stimuli.inventory import take_inventory
from ingest.stimuli.picture_items import Columns, Item, LeftOut
from ingest.stimuli.picture_sources import items, read_picture
from warehouse.errors import InputError, UsageError


def drawn(seed: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (9, 9), (seed, 40, 200)).save(file, "PNG")
    return file.getvalue()


ONE, TWO = drawn(1), drawn(2)


def tar_of(path: Path, members: dict[str, bytes], mode: str = "w") -> Path:
    with tarfile.open(path, mode) as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def told(
    source: object, columns: Columns | None = None
) -> tuple[list[tuple[bytes, str | None, tuple[str, ...]]], LeftOut]:
    left_out = LeftOut()
    given = list(items(str(source), columns, left_out))
    return [(read_picture(item.uri), item.caption, item.keywords) for item in given], left_out


def write(folder: Path, files: dict[str, bytes | str]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def test_names_that_begin_with_a_dot_and_a_slash_keep_their_captions(tmp_path: Path) -> None:
    members = {
        "./a.png": ONE,
        "./a.txt": b"one",
        "./b/c.png": TWO,
        "./b/c.json": b'{"caption": "two", "labels": ["x"]}',
    }
    assert told(tar_of(tmp_path / "dot.tar", members))[0] == [(ONE, "one", ()), (TWO, "two", ("x",))]


@pytest.mark.parametrize(
    ("picture", "note"),
    [
        ("0.v1.png", "0.v1.txt"),
        ("0.left.png", "0.txt"),
        ("0.png", "0.png.txt"),
        ("noending", "noending.txt"),
        ("0.input.png", "0.caption.txt"),
        ("0.png", "0.meta.json"),
        ("b.c0.input.png", "b.c0.caption.txt"),
    ],
)
def test_a_note_belongs_to_the_picture_of_its_key(tmp_path: Path, picture: str, note: str) -> None:
    write(tmp_path, {picture: ONE, note: '{"caption": "a hat"}' if note.endswith("json") else "a hat"})
    assert told(tmp_path)[0] == [(ONE, "a hat", ())]


def test_a_note_of_another_picture_with_the_same_key_is_not_ours(tmp_path: Path) -> None:
    write(tmp_path, {"12.05.png": ONE, "12.06.txt": "another day's"})
    assert told(tmp_path)[0] == [(ONE, None, ())]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_captions_in_the_encodings_of_editors(tmp_path: Path, encoding: str) -> None:
    write(tmp_path, {"a.png": ONE, "a.txt": "café crème\n".encode(encoding)})
    assert told(tmp_path)[0] == [(ONE, "café crème", ())]


@pytest.mark.parametrize(
    ("said", "caption"),
    [
        ('{"caption": ["a hat", "a red hat"]}', "a hat; a red hat"),
        ('{"captions": [{"raw": "a hat"}]}', "a hat"),
        ("[1]", None),
    ],
)
def test_captions_may_be_several(tmp_path: Path, said: str, caption: str | None) -> None:
    write(tmp_path, {"a.png": ONE, "a.json": said})
    assert told(tmp_path)[0] == [(ONE, caption, ())]


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("metadata.jsonl", '{"file_name": "a.png", "text": "a hat"}\n{"file_name": "in/b.png", "text": "a cap"}\n'),
        ("metadata.csv", 'file_name,text\na.png,a hat\nin/b.png,"a cap"\n'),
        ("data.tsv", "\ufefffile_name\tcaption\n./a.png\ta hat\nin/b.png\ta cap\n"),
    ],
)
def test_a_table_of_file_names_is_what_an_image_folder_says(tmp_path: Path, name: str, table: str) -> None:
    folder = write(tmp_path / "set", {"a.png": ONE, "in/b.png": TWO, name: table})
    expected = [(ONE, "a hat", ()), (TWO, "a cap", ())]
    assert told(folder)[0] == expected
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        for file in ("a.png", "in/b.png", name):
            archive.write(folder / file, file)
    assert told(tmp_path / "set.zip")[0] == expected


def test_sidecars_are_not_a_second_set(tmp_path: Path) -> None:
    """img2dataset's Parquet and statistics beside a tar, or beside the folder of its pictures; embeddings."""
    folder = tmp_path / "out"
    folder.mkdir()
    tar_of(folder / "00000.tar", {"0.png": ONE, "0.json": b'{"caption": "one"}'})
    pq.write_table(pa.table({"url": ["https://example.org/0.png"], "caption": ["one"]}), folder / "00000.parquet")
    write(folder, {"00000_stats.json": "{}", "img_emb.npy": b"\x93NUMPY", "00001/1.png": TWO, "README.md": "hello"})
    pq.write_table(pa.table({"url": ["https://example.org/1.png"]}), folder / "00001.parquet")
    pictures, left_out = told(folder)
    assert [content for content, _, _ in pictures] == [ONE, TWO]
    assert left_out.kinds == {".parquet": 2, ".json": 1, ".npy": 1, ".md": 1}


def test_a_table_of_addresses_is_a_set_where_nothing_else_is(tmp_path: Path) -> None:
    pq.write_table(pa.table({"url": ["https://example.org/0.png"]}), tmp_path / "0.parquet")
    assert [item.uri for item in items(str(tmp_path))] == ["https://example.org/0.png"]


def test_a_bad_container_in_a_folder_is_a_row_and_the_rest_is_measured(tmp_path: Path) -> None:
    whole = tar_of(tmp_path / "whole.tar", {"a.png": ONE, "b.png": TWO * 40}).read_bytes()
    folder = write(tmp_path / "set", {"cut.tar": whole[:2_000], "false.zip": b"not a zip", "good.png": drawn(9)})
    pq.write_table(pa.table({"number": [1]}), folder / "foreign.parquet")
    given = {item.uri.rpartition("/")[2]: item for item in items(str(folder))}
    assert set(given) == {"cut.tar!a.png", "cut.tar!b.png", "cut.tar", "false.zip", "foreign.parquet", "good.png"}
    assert {name for name, item in given.items() if item.problem} == {"cut.tar", "false.zip", "foreign.parquet"}
    (scratch := tmp_path / "scratch").mkdir()
    rows = take_inventory(items(str(folder)), scratch).pictures(range(6))
    assert {row.uri.rpartition("/")[2] for row in rows if row.error_message is None} == {"cut.tar!a.png", "good.png"}
    with pytest.raises(InputError, match="not a zip"):
        list(items(str(folder / "false.zip")))


@pytest.mark.parametrize("ending", ["tar.gz", "tgz", "tar.bz2", "tar.xz", "tar.zst"])
def test_compressed_tars(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = tmp_path / f"set.{ending}"
    members = {"a.png": ONE, "a.txt": b"one", "b.png": TWO}
    if ending == "tar.zst":
        plain = tar_of(tmp_path / "plain.tar", members).read_bytes()
        with pa.OSFile(str(path), "wb") as raw, pa.CompressedOutputStream(raw, "zstd") as packed:
            packed.write(plain)
    else:
        tar_of(path, members, f"w:{ {'tgz': 'gz'}.get(ending, ending.rpartition('.')[2]) }")
    assert told(path)[0] == [(ONE, "one", ()), (TWO, None, ())]
    bad = tmp_path / f"bad.{ending}"
    bad.write_bytes(gzip.compress(b"not a tar") if "gz" in ending else b"nothing")
    with pytest.raises(InputError, match="not a tar"):
        list(items(str(bad)))


@pytest.mark.parametrize("ending", ["tar.gz", "tgz", "tar.bz2", "tar.xz", "tar.zst"])
def test_a_compressed_tar_that_is_cut_short_says_so_and_gives_what_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    noise = random.Random(0)
    whole = {f"{place}.png": drawn(place) + noise.randbytes(90_000) for place in range(12)}
    plain = tar_of(tmp_path / "plain.tar", whole).read_bytes()
    packed = packed_by(ending, plain)
    path = tmp_path / f"set.{ending}"
    for length, least, most in ((len(packed) - 5, 9, 12), (len(packed) // 2, 2, 6)):
        path.write_bytes(packed[:length])
        for _ in range(2):  # the unpacked copy is there the second time
            picture_archives._plain.cache_clear()
            picture_archives._tar_members.cache_clear()
            found = picture_archives.members(path)
            readable = [name for name in found.names if read_whole(path, name) == whole[name]]
            assert least <= len(readable) <= most and readable == list(whole)[: len(readable)]
            assert found.problem is not None and re.search("breaks off|cut short", found.problem)
    head = tmp_path / f"head.{ending}"
    head.write_bytes(packed[:20])
    with pytest.raises(InputError, match="cut short or damaged: no file can be unpacked"):
        list(items(str(head)))


def packed_by(ending: str, content: bytes) -> bytes:
    if ending == "tar.zst":
        with pa.BufferOutputStream() as raw:
            with pa.CompressedOutputStream(raw, "zstd") as packed:
                packed.write(content)
            return raw.getvalue().to_pybytes()
    if ending == "tar.bz2":
        return bz2.compress(content, 1)  # small blocks: of one that is cut nothing is left
    return (lzma if ending == "tar.xz" else gzip).compress(content)


def read_whole(path: Path, name: str) -> bytes | None:
    try:
        return picture_archives.read_member(path, name, 1 << 30)
    except InputError:
        return None


def test_linked_folders_are_followed_once(tmp_path: Path) -> None:
    far = write(tmp_path / "far", {"a.png": ONE})
    folder = write(tmp_path / "set", {"b.png": TWO})
    (folder / "train").symlink_to(far)
    (folder / "again").symlink_to(far)
    (far / "loop").symlink_to(folder)
    assert sorted(content for content, _, _ in told(folder)[0]) == sorted([ONE, TWO])


def test_a_folder_that_cannot_be_read_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(tmp_path / "set", {"a.png": ONE, "closed/b.png": TWO})
    scandir = os.scandir

    def closed(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", closed)
    pictures, left_out = told(folder)
    assert [content for content, _, _ in pictures] == [ONE]
    assert left_out.closed_folders == [(str(folder / "closed"), "Permission denied")]


def test_names_that_are_not_utf_8_are_readable_and_lead_back(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9 100%25.png")
    (tmp_path / name).write_bytes(ONE)
    (item,) = items(str(tmp_path))
    assert item.uri.endswith("/caf%E9 100%25.png")
    item.uri.encode()
    assert read_picture(item.uri) == ONE
    (inside,) = items(str(tar_of(tmp_path / "t.tar", {name: TWO})))
    assert inside.uri.endswith("!caf%E9 100%25.png") and read_picture(inside.uri) == TWO


@pytest.mark.parametrize("source", ["", "a,", ",", "{set,},", " "])
def test_an_empty_piece_of_source_is_a_usage_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    monkeypatch.chdir(write(tmp_path, {"a/a.png": ONE, "set/b.png": TWO}))
    with pytest.raises(UsageError, match="empty piece"):
        list(items(source))


def test_several_sources_come_one_after_the_other(tmp_path: Path) -> None:
    first, second = (write(tmp_path / name, {"x.png": content}) for name, content in (("b", ONE), ("a,comma", TWO)))
    assert [read_picture(item.uri) for item in items([str(first), str(second)])] == [ONE, TWO]


@pytest.mark.parametrize(
    ("columns", "caption"),
    [(("URL", "TEXT"), "TEXT"), (("Image_Path", "Caption"), "Caption"), (("url", "top_caption"), "top_caption")],
)
def test_the_usual_columns_are_known_in_any_case(tmp_path: Path, columns: tuple[str, str], caption: str) -> None:
    (tmp_path / "a.png").write_bytes(ONE)
    pq.write_table(pa.table({"ID": [7], columns[0]: ["a.png"], columns[1]: ["a hat"]}), tmp_path / "t.parquet")
    assert told(tmp_path / "t.parquet")[0] == [(ONE, "a hat", ())]


def test_columns_may_be_named_and_lead_back(tmp_path: Path) -> None:
    pq.write_table(pa.table({"left eye": [ONE], "image": [TWO], "note": ["a hat"]}), tmp_path / "t.parquet")
    assert told(tmp_path / "t.parquet", Columns("left eye", "note"))[0] == [(ONE, "a hat", ())]
    with pytest.raises(InputError, match="no column 'right eye': it has left eye, image, note"):
        list(items(str(tmp_path / "t.parquet"), Columns("right eye")))


def test_class_labels_have_their_names(tmp_path: Path) -> None:
    features = {"img": {"_type": "Image"}, "fine_label": {"names": ["plane", "bird"], "_type": "ClassLabel"}}
    metadata = {b"huggingface": json.dumps({"info": {"features": features}}).encode()}
    table = pa.table({"img": [{"bytes": ONE, "path": None}] * 2, "fine_label": [1, -1]}).replace_schema_metadata(
        metadata
    )
    pq.write_table(table, tmp_path / "t.parquet")
    assert [keywords for _, _, keywords in told(tmp_path / "t.parquet")[0]] == [("bird",), ()]  # -1: not labelled


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("paths.txt", "# ours\n{here}/a.png\na.png\ta hat\nexample.org/x.png\nhttps://example.org/y.png\tz\n"),
        (
            "paths.csv",
            "id;image;caption\n1;{here}/a.png;\n2;a.png;a hat\n3;example.org/x.png;\n4;https://example.org/y.png;z\n",
        ),
        ("paths.tsv", "{here}/a.png\t1\na.png\t2\nexample.org/x.png\t3\nhttps://example.org/y.png\t4\n"),
        (
            "paths.jsonl",
            '"{here}/a.png"\n{"path": "a.png", "caption": "a hat"}\n"example.org/x.png"\n{"url": "https://example.org/y.png"}\n',
        ),
    ],
)
def test_lists_of_paths_and_addresses(tmp_path: Path, name: str, text: str) -> None:
    write(tmp_path, {"a.png": ONE, name: text.replace("{here}", str(tmp_path))})
    given = list(items(str(tmp_path / name)))
    picture = str(tmp_path / "a.png")
    assert [item.uri for item in given] == [picture, picture, "https://example.org/x.png", "https://example.org/y.png"]
    assert given[1] == Item(picture, None if name.endswith("tsv") else "a hat")


def test_a_list_without_a_column_of_pictures_says_what_it_has(tmp_path: Path) -> None:
    write(tmp_path, {"t.csv": "number,name\n1,x\n"})
    with pytest.raises(InputError, match="no column of pictures: it has number, name; name one with --image-column"):
        list(items(str(tmp_path / "t.csv")))


def test_a_source_without_a_picture_is_refused(tmp_path: Path) -> None:
    (scratch := tmp_path / "scratch").mkdir()
    folder = write(tmp_path / "set", {"a.json": "{}", "b.npy": b"\x93NUMPY", "c.jpg": "<html>no</html>"})
    with pytest.raises(InputError, match=r"no picture is among the 1 file given, .*c\.jpg \(not a picture\)"):
        take_inventory(items(str(folder)), scratch)
    write(folder, {f"{number}.jpg": f"page {number}" for number in range(30)} | {"good.png": ONE})
    with pytest.raises(InputError, match=r"only 1 of the 32 files given are pictures.*--unreadable keep"):
        take_inventory(items(str(folder)), scratch)
    assert take_inventory(items(str(folder)), scratch, keeps_unreadable=True).picture_count == 32
