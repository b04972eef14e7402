"""The command line as a person types it: answers, exit codes, one line for every mistake."""

from __future__ import annotations

import errno
import json
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import duckdb
import polars as pl
import pytest

from clip_warehouse import command_line, main

ROOT = Path(__file__).parent.parent


def command(*arguments: str, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "clip_warehouse.py"), *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        **options,
    )


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cli") / "w.duckdb"
    words = path.with_name("words.txt")
    words.write_text("hat\ncat\nshit\nextraordinarily\n")
    assert main(["ingest", "words", "--file", str(words), "--layers", "4/2/6,4/2/5", "--warehouse", str(path)]) == 0
    return path


def verbs() -> list[tuple[str, ...]]:
    found = [(name,) for name in command_line()._subparsers._group_actions[0].choices]
    jobs = command_line()._subparsers._group_actions[0].choices["ingest"]._subparsers._group_actions[0].choices
    return [*found, *(("ingest", job) for job in jobs)]


@pytest.mark.parametrize("verb", verbs(), ids=" ".join)
def test_every_command_has_help(verb: tuple[str, ...], capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([*verb, "--help"])
    assert stopped.value.code == 0
    assert len(capsys.readouterr().out.splitlines()) > 4


def test_every_file_of_a_commands_folder_with_options_is_a_verb() -> None:
    files = [path for path in ROOT.glob("*/commands/**/*.py") if "\ndef add_options(" in path.read_text()]
    assert sorted(path.stem for path in files) == sorted(name[-1] for name in verbs() if name != ("ingest",))


def test_help_needs_neither_torch_nor_polars_nor_duckdb() -> None:
    script = (
        "import sys, clip_warehouse\n"
        "clip_warehouse.command_line()\n"
        "print(*{'torch', 'open_clip', 'streamlit', 'polars', 'duckdb', 'numpy'} & set(sys.modules))\n"
    )
    finished = subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT, capture_output=True, text=True)
    assert finished.stdout.split() == []


@pytest.mark.parametrize(
    "arguments", [["--help"], ["query", "select 1", "--warehouse", "FILE"], ["status", "--warehouse", "FILE"]]
)
def test_torch_is_not_imported_where_it_is_not_needed(arguments: list[str], file: Path) -> None:
    arguments = [str(file) if argument == "FILE" else argument for argument in arguments]
    script = (
        "import sys, clip_warehouse\n"
        "try: code = clip_warehouse.main(sys.argv[1:])\n"
        "except SystemExit as stopped: code = stopped.code\n"
        "assert code == 0, code\n"
        "assert not {'torch', 'open_clip', 'streamlit', 'polars'} & set(sys.modules), 'heavy import'\n"
    )
    subprocess.run([sys.executable, "-c", script, *arguments], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)


def test_query_prints_a_table_csv_json_and_parquet(file: Path, tmp_path: Path) -> None:
    sql = "select word, unit_rank from word_top_units where word = 'hat' and unit_rank <= 2 and layer_name = '4/2/6'"
    where = ["--warehouse", str(file)]
    assert command("query", sql, *where).stdout.splitlines()[2].split() == ["hat", "1"]
    assert command("query", sql, *where, "--format", "csv").stdout == "word,unit_rank\nhat,1\nhat,2\n"
    assert json.loads(command("query", sql, *where, "--format", "json").stdout)[1] == {"word": "hat", "unit_rank": 2}
    binary = subprocess.run(
        [sys.executable, str(ROOT / "clip_warehouse.py"), "query", sql, *where, "--format", "parquet"],
        capture_output=True,
    )
    (tmp_path / "q.parquet").write_bytes(binary.stdout)
    assert pl.read_parquet(tmp_path / "q.parquet").rows() == [("hat", 1), ("hat", 2)]


def test_a_list_is_text_in_csv(file: Path, capsys: pytest.CaptureFixture) -> None:
    main(["query", "select ['a', null, 'b'] as l, {'x': 1} as s", "--format", "csv", "--warehouse", str(file)])
    assert capsys.readouterr().out == 'l,s\n"a, b","{""x"":1}"\n'


def test_output_that_cannot_be_written_is_one_line(file: Path) -> None:
    with Path("/dev/full").open("w") as full:
        arguments = [sys.executable, str(ROOT / "clip_warehouse.py"), "query", "from units", "--warehouse", str(file)]
        finished = subprocess.run(arguments, stdout=full, stderr=subprocess.PIPE, text=True)
    assert finished.returncode == 1
    assert "output could not be written" in finished.stderr
    assert "Traceback" not in finished.stderr


def test_a_port_that_is_taken_is_one_line(file: Path, capsys: pytest.CaptureFixture) -> None:
    with socket.socket() as taken:
        taken.bind(("localhost", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["dashboard", "--port", str(port), "--warehouse", str(file)]) == 2
    assert f"port {port} is taken" in capsys.readouterr().err


def test_a_port_without_rights_says_so(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    assert main(["dashboard", "--port", "80", "--warehouse", str(file)]) == 2
    assert capsys.readouterr().err == (
        "clip-warehouse: port 80 is not yours to use (Permission denied): take one above 1023\n"
    )


def test_query_says_when_rows_are_left_out_and_when_there_are_none(file: Path, capsys: pytest.CaptureFixture) -> None:
    main(["query", "from units", "--limit", "3", "--warehouse", str(file)])
    printed = capsys.readouterr()
    assert len(printed.out.splitlines()) == 5
    assert "the first 3 rows" in printed.err
    main(["query", "from units where unit_name = 'x'", "--warehouse", str(file)])
    assert "no rows" in capsys.readouterr().err


def test_difference_is_stored_or_run_now(file: Path, capsys: pytest.CaptureFixture) -> None:
    assert main(["difference", "hat", "--top", "3", "--warehouse", str(file)]) == 0
    stored = capsys.readouterr().out.splitlines()
    assert stored[0] == "'hat' minus 'eeeeee' in 4/2/6 of emoji-rn50 (bundled), stored"
    assert len(stored) == 6
    assert (
        main(["difference", "hats", "--top", "3", "--baseline", "the", "--layer", "3/1/1", "--warehouse", str(file)])
        == 0
    )
    live = capsys.readouterr().out.splitlines()
    assert live[0] == "'hats' minus 'the' in 3/1/1 of emoji-rn50 (bundled), run now"
    assert live[1].split() == stored[1].split()


def test_status_check_export_and_load(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    where = ["--warehouse", str(file)]
    assert main(["status", *where]) == 0
    assert re.search(r"1\s+words\s+emoji-rn50\s+bundled\s+complete\s+1 of 1\s+5\s+1\s", capsys.readouterr().out)
    assert main(["check", *where]) == 0
    assert main(["load", *where]) == 0
    assert "nothing staged" in capsys.readouterr().out
    assert main(["export", "unit_details", str(tmp_path / "u.parquet"), *where]) == 0
    assert len(pl.read_parquet(tmp_path / "u.parquet")) == 10_400


def test_a_path_may_begin_with_the_home(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert main(["export", "layers", "~/layers.csv", "--warehouse", str(file)]) == 0
    assert (tmp_path / "layers.csv").is_file()


def test_check_fails_with_exit_code_one_on_a_planted_fault(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    broken = tmp_path / "broken.duckdb"
    shutil.copy(file, broken)
    with duckdb.connect(str(broken)) as connection:
        connection.execute("insert into activations from activations limit 1")
    assert main(["check", "--warehouse", str(broken)]) == 1
    assert re.search(r"activations_unique\s+FAILED\s+1\s", capsys.readouterr().out)


def older(path: Path) -> Path:
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table warehouse_info as select 'x' as warehouse_id, 0 as schema_version")
    return path


def foreign(path: Path) -> Path:
    duckdb.connect(str(path)).close()
    return path


def text(path: Path) -> Path:
    path.write_text("not a database")
    return path


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        (["query", "from unit_card('9/9/9/9')"], 1, "no unit 9/9/9/9"),
        (["query", "selec"], 1, "syntax error"),
        (["query", "from nothing"], 1, "nothing does not exist"),
        (["query", "drop table units"], 1, "DROP is not allowed"),
        (["query", "select * from read_text('/etc/hostname')"], 1, "queries read the warehouse and nothing else"),
        (
            ["query", "select count(*) from range(1000000000000) t(i) where i % 7 = 3", "--timeout", "0.2"],
            1,
            "stopped after",
        ),
        (["difference", "hat", "--layer", "9/9/9"], 1, "no layer '9/9/9'"),
        (["difference", "extraordinarily"], 1, "text needs"),
        (["export", "unit_detail", "x.parquet"], 1, "take unit_details"),
        (["export", "units", "x.xlsx"], 2, "cannot tell the format"),
        (["ingest", "words", "--layers", "4/9/9"], 2, "no layer '4/9/9'"),
        (["ingest", "words", "--count", "0"], 2, "--count 0"),
        (["ingest", "weights", "--lower", "4/0/7", "--upper", "4/0/5"], 2, "no path from 4/0/7 to 4/0/5"),
        (["ingest", "weights", "--upper", "4/2/7"], 2, "no layer '4/2/7'"),
        (["ingest", "weights", "--kernels", "-1"], 2, "--kernels -1"),
        (["ingest", "features", "--units", "4/2/6/9999"], 2, "no channel 9999 in 4/2/6"),
        (["ingest", "features", "--steps", "0"], 2, "--steps 0"),
        (["ingest", "microscope", "--model", "emoji-rn50"], 2, "shows no emoji-rn50"),
        (["kernel", "4/1/3/51", "4/1/5/5000"], 1, "no unit '4/1/5/5000'"),
        (["query", "from units", "--limit", "0"], 2, "--limit 0"),
        (["query", "from units", "--timeout", "0"], 2, "--timeout 0"),
        (["dashboard", "--port", "99999"], 2, "--port 99999"),
        (["difference", "   "], 1, "it is empty"),
        (["export", "units", "/proc/nowhere/u.csv"], 1, "cannot write /proc/nowhere/u.csv"),
        (["difference", "hat", "--top", "0"], 2, "--top 0"),
        (["ingest", "words", "--model", "ViT-B-32"], 1, "not a CLIP ResNet"),
        (["ingest", "words", "--file", "/nowhere/list.txt"], 1, "/nowhere/list.txt"),
        (["ingest", "words", "--device", "tpu"], 2, "no device 'tpu'"),
        (["ingest", "words", "--baseline", "extraordinarily"], 1, "cannot show 'extraordinarily'"),
    ],
)
def test_a_mistake_is_one_line_with_its_exit_code(
    file: Path, arguments: list[str], exit_code: int, said: str, capsys: pytest.CaptureFixture
) -> None:
    before = file.read_bytes()
    assert main([*arguments, "--warehouse", str(file)]) == exit_code
    errors = capsys.readouterr().err
    assert said in errors
    assert len(errors.splitlines()) == 1
    assert errors.startswith("clip-warehouse: ")
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: path, "no warehouse at"),
        (text, "not a DuckDB database"),
        (foreign, "a DuckDB database without our tables"),
        (older, "an older version"),
        (lambda path: path.parent, "a folder"),
    ],
    ids=["missing", "text", "foreign", "older", "folder"],
)
@pytest.mark.parametrize(
    "verb", [["query", "select 1"], ["status"], ["check"], ["difference", "hat"], ["dashboard"]], ids=lambda v: v[0]
)
def test_a_file_that_is_not_a_warehouse_is_one_line(make, said: str, verb: list[str], tmp_path: Path, capsys) -> None:
    path = make(tmp_path / "f.duckdb")
    assert main([*verb, "--warehouse", str(path)]) == 1
    errors = capsys.readouterr().err
    assert said in errors
    assert len(errors.splitlines()) == 1


@pytest.mark.parametrize(
    ("make", "said"), [(text, "not a DuckDB"), (foreign, "without our tables"), (older, "does not fit this file")]
)
def test_an_ingest_leaves_a_file_that_is_not_its_own_alone(make, said: str, tmp_path: Path, capsys) -> None:
    path = make(tmp_path / "f.duckdb")
    before = path.read_bytes()
    assert main(["ingest", "words", "--count", "3", "--warehouse", str(path)]) == 1
    assert said in capsys.readouterr().err
    assert path.read_bytes() == before


def test_usage_errors_exit_with_two() -> None:
    for arguments in ([], ["no-such-verb"], ["query"], ["ingest"], ["query", "select 1", "--format", "xml"]):
        assert command(*arguments).returncode == 2


def test_a_closed_pipe_is_not_an_error(file: Path) -> None:
    shell = (
        f"{sys.executable} {ROOT / 'clip_warehouse.py'} query 'from units' --limit 100000 --warehouse {file} | head -1"
    )
    finished = subprocess.run(["bash", "-o", "pipefail", "-c", shell], capture_output=True, text=True)
    assert "Traceback" not in finished.stderr
    assert finished.stdout.startswith("unit_id")


def test_probe_tells_device_versions_and_hosts(capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.network.probe.hub_answers", lambda: False)
    monkeypatch.setattr("ingest.network.probe._microscope_answers", lambda: True)
    assert main(["probe"]) == 0
    printed = capsys.readouterr().out
    assert re.search(r"^device\s+(cpu|cuda)", printed, re.MULTILINE)
    assert re.search(r"^duckdb\s+2\.", printed, re.MULTILINE)
    assert re.search(r"does not answer: hub tags cannot be downloaded", printed)
    assert re.search(r"microscope\.openai\.com\s+answers", printed)


@pytest.mark.parametrize(
    "typed",
    [
        ["units", "OUT", "--warehouse", "FILE"],
        ["units", "--warehouse", "FILE", "OUT"],
        ["--warehouse", "FILE", "units", "OUT"],
        ["--warehouse", "FILE", "--", "units", "OUT"],
    ],
)
def test_options_may_stand_anywhere_among_the_arguments(typed: list[str], file: Path, tmp_path: Path) -> None:
    places = {"OUT": str(tmp_path / "units.csv"), "FILE": str(file)}
    assert main(["export", *(places.get(word, word) for word in typed)]) == 0
    assert (tmp_path / "units.csv").read_text().startswith("unit_id,")


def test_sources_with_options_between_are_one_list() -> None:
    options = command_line().parse_args(["ingest", "pictures", "a", "--warehouse", "w", "b", "c", "--seed", "1"])
    assert (options.source, options.warehouse, options.seed) == (["a", "b", "c"], "w", 1)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["export", "units", "--warehouse", "w", "out.csv", "more"], "unrecognized arguments: more"),
        (["export", "units", "--nope"], "unrecognized arguments: --nope"),
        (["query", "--warehouse", "w"], "the following arguments are required: sql"),
        (["find", "--warehouse", "w", "--", "--a", "--b"], "unrecognized arguments: --b"),
    ],
)
def test_too_many_and_too_few_arguments_are_usage_errors(
    typed: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(typed)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_a_text_that_begins_like_an_option_is_written_after_two_dashes() -> None:
    assert command_line().parse_args(["find", "--top", "3", "--", "--weird"]).text == "--weird"
