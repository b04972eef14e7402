"""Reading the original repository's shares: its own form, other forms of it, and lines that cannot be read."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

import warehouse
from clip_warehouse import main
from ingest.shares.published import read_shares
from warehouse.checking import check
from warehouse.errors import InputError, UnknownBottleneck

TEXT = """
Unit 0 -> (tensor(0.9937, device='cuda:0', dtype=torch.float16), 0.05615234375)
Unit 1 -> (tensor(0.1499, device='cuda:0', dtype=torch.float16), 0.93304443359375)
Unit 2 -> (tensor(0., device='cuda:0', dtype=torch.float16), nan)
Unit 3 -> (tensor(0.9849, device='cuda:0', dtype=torch.float16), 1.9970703125)
"""


def read(text: str, bottleneck: str = "4/2") -> list[tuple]:
    return read_shares(text.encode(), bottleneck, "shares.txt").rows()


def test_the_originals_form_is_read() -> None:
    near = partial(pytest.approx, rel=1e-6)
    assert read(TEXT) == [
        ("4/2/6/0", near(0.9937), near(0.05615234375), "shares.txt"),
        ("4/2/6/1", near(0.1499), near(0.93304443359375), "shares.txt"),
        ("4/2/6/2", None, None, "shares.txt"),
        ("4/2/6/3", near(0.9849), near(1.9970703125), "shares.txt"),
    ]


def test_a_blocks_first_bottleneck_ends_in_index_8() -> None:
    assert [row[0] for row in read(TEXT, "4/0")] == ["4/0/8/0", "4/0/8/1", "4/0/8/2", "4/0/8/3"]


@pytest.mark.parametrize(
    "line",
    [
        "Unit 7 -> (tensor(0.25), 0.5)",
        "Unit 7 -> (tensor(2.5000e-01), 5e-1)",
        "Unit 7 -> (tensor(0.25, dtype=torch.float16), tensor(0.5))",
        "Unit 7 -> (0.25, 0.5)",
        "  unit 7->(tensor( 0.2500 , device='cuda:1'),0.5)  ",
        "\ufeffUnit 7 -> (tensor(.25), 0.5)\r",
    ],
)
def test_other_forms_are_read(line: str) -> None:
    assert read(line) == [("4/2/6/7", 0.25, 0.5, "shares.txt")]


@pytest.mark.parametrize(
    ("share", "distance", "stored"),
    [
        ("tensor(0.)", "nan", (None, None)),
        ("tensor(nan)", "nan", (None, None)),
        ("tensor(1.)", "nan", (1, None)),  # the residual branch is dead, not the channel
        ("tensor(0.)", "0.5", (0, 0.5)),
        ("tensor(0.5)", "2.001", (0.5, pytest.approx(2.001))),  # float16
    ],
)
def test_what_is_dead_has_no_share(share: str, distance: str, stored: tuple) -> None:
    ((_, *found, _),) = read(f"Unit 0 -> ({share}, {distance})")
    assert tuple(found) == stored


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Unit 0 -> (tensor(0.5), 0.5)\n\nUnit 1 = 0.5", "line 3: 'Unit 1 = 0.5'"),
        ("Unit 0 -> (tensor(0.5), 0.5", "line 1"),
        ("Unit 0 -> (tensor(0.5), )", "line 1"),
        ("Unit x -> (tensor(0.5), 0.5)", "line 1"),
        ("Unit 0 -> (tensor(1.5), 0.5)", "line 1: share 1.5"),
        ("Unit 0 -> (tensor(-0.5), 0.5)", "line 1: share -0.5"),
        ("Unit 0 -> (tensor(inf), 0.5)", "line 1: share inf"),
        ("Unit 0 -> (tensor(0.5), 2.5)", "distance 2.5"),
        ("Unit 0 -> (tensor(0.5), 0.5)\nUnit 0 -> (tensor(0.5), 0.5)", "line 2: unit 0 stands in line 1 too"),
        ("", "holds no line"),
        ("\n \n", "holds no line"),
        ("\x00\x01\xff", "line 1"),
    ],
)
def test_a_line_that_cannot_be_read_is_one_error(text: str, said: str) -> None:
    with pytest.raises(InputError, match=r"shares\.txt") as raised:
        read(text)
    assert said in str(raised.value)
    assert len(str(raised.value).splitlines()) == 1
    assert len(str(raised.value)) < 300


@pytest.mark.parametrize("address", ["4", "4/2/6", "block 4", "", "4/2 ", "04/2"])
def test_a_bottleneck_is_named_by_two_numbers(address: str) -> None:
    with pytest.raises(UnknownBottleneck, match="write block/bottleneck"):
        read(TEXT, address)


# The command


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "relu_conv_bottleneck_4_2.txt"
    path.write_text(TEXT)
    return path


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """An address on this machine that answers with the files of tmp_path."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def ingest(source: Path | str, bottleneck: str, path: Path) -> int:
    return main(["ingest", "published", str(source), "--bottleneck", bottleneck, "--warehouse", str(path)])


def test_a_file_becomes_a_run_without_a_model(file: Path, tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    assert ingest(file, "4/2", path) == 0
    assert ingest(file, "4/1", path) == 0
    runs = warehouse.query(
        "select model_id, job_name, part_name, status, row_count from runs order by run_id", warehouse=path
    )
    assert runs.rows() == [(None, "published", "4/2", "complete", 4), (None, "published", "4/1", "complete", 4)]
    assert [result for result in check(path) if result.failing_count] == []
    units = warehouse.query(
        "select unit_name, source_uri from published_shares where run_id = 2 order by all", warehouse=path
    )
    assert units.rows()[0] == ("4/1/6/0", str(file))
    assert main(["status", "--warehouse", str(path)]) == 0


def test_the_same_content_is_read_once(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    path = tmp_path / "w.duckdb"
    ingest(file, "4/2", path)
    copy = tmp_path / "copy.txt"
    copy.write_text(TEXT)
    capsys.readouterr()
    assert ingest(copy, "4/2", path) == 0
    assert "nothing to do" in capsys.readouterr().err


def test_an_address_is_downloaded_once(
    file: Path, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    source = f"{address}/{file.name}"
    assert ingest(source, "4/2", tmp_path / "w.duckdb") == 0
    file.unlink()
    assert ingest(source, "4/2", tmp_path / "other.duckdb") == 0
    stored = warehouse.query(
        "select distinct source_uri from published_shares where run_id is not null", warehouse=tmp_path / "other.duckdb"
    )
    assert stored.rows() == [(source,)]


@pytest.mark.parametrize(
    ("source", "said"),
    [("{address}/none.txt", "status 404"), ("{folder}/none.txt", "No such file"), ("{folder}", "Is a directory")],
)
def test_what_is_not_there_is_one_line(
    source: str,
    said: str,
    address: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert ingest(source.format(address=address, folder=tmp_path), "4/2", tmp_path / "w.duckdb") == 1
    err = capsys.readouterr().err
    assert said in err
    assert len(err.splitlines()) == 1
    assert not (tmp_path / "w.duckdb").exists()
