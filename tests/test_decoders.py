"""Decoding processes: a file kills one, or the process that wants their work is killed."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import psutil
import pytest

import warehouse
from helpers.ending import decode_or_end, ended_by, interrupted
from helpers.picture_files import small_set
from ingest.runs.processes import ProcessEnded, apart, workers
from ingest.stimuli.decoders import Decoders, decode_alone
from ingest.stimuli.decoding import Decoded, DecodingSettings, decode, decode_all
from ingest.stimuli.inventory import take_inventory
from ingest.stimuli.picture_sources import items
from ingest.stimuli.shared_pixels import Sent, SharedPixels, _given
from warehouse.errors import InputError, MachineFault

PATIENCE_S = 60
ROOT = Path(__file__).parent.parent
PROGRAM = """
import sys
from ingest.stimuli.decoders import Decoders, decode_alone
from ingest.stimuli.decoding import DecodingSettings

if __name__ == "__main__":
    with Decoders(DecodingSettings(64, 0, 10**6), worker_count=2) as decoders:
        list(decoders.decoded([("missing.png", "")] * 200))
        print("decoded", flush=True)
        sys.stdin.read()
"""


def wanted_of(source: Path, folder: Path) -> list[Any]:
    inventory = take_inventory(items(str(source)), folder)
    return [(picture.uri, picture.content_sha256) for picture in inventory.pictures(range(inventory.picture_count))]


def test_they_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text(PROGRAM)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    with subprocess.Popen(
        [sys.executable, str(script)], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None and parent.stdout.readline() == b"decoded\n"
        children = psutil.Process(parent.pid).children(recursive=True)
        assert len(children) >= 3, "the fork server and two workers"
        parent.send_signal(signal.SIGKILL)
    _, alive = psutil.wait_procs(children, timeout=PATIENCE_S)
    assert alive == []


def test_a_ctrl_c_in_the_terminal_is_left_to_the_process_that_wants_the_work() -> None:
    with workers(1) as pool:
        assert pool.submit(interrupted).result() == "goes on"


def test_a_process_of_its_own_answers_raises_or_is_gone() -> None:
    assert apart(divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        apart(divmod, 7, 0)
    with pytest.raises(ProcessEnded, match="killed by SIGSEGV") as caught:
        apart(ended_by, signal.SIGSEGV)
    assert caught.value.is_crash
    with pytest.raises(ProcessEnded, match="exit code 3") as caught:
        apart(os._exit, 3)
    assert not caught.value.is_crash


@pytest.mark.parametrize("error", [EOFError("unexpected EOF"), ConnectionRefusedError(), BrokenPipeError()])
def test_if_the_server_of_processes_is_killed_another_starts(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    begin, fails = ForkServerProcess._Popen, [error]

    def popen(process: object) -> object:
        if fails:
            raise fails.pop()
        return begin(process)

    monkeypatch.setattr(ForkServerProcess, "_Popen", staticmethod(popen))
    assert apart(abs, -7) == 7
    fails += [error, error]
    with pytest.raises(MachineFault, match=r"begins workers: it was killed twice; .*run the same command again"):
        apart(abs, -7)


def test_a_decoder_that_a_person_kills_costs_no_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = small_set(tmp_path / "set", 24)
    monkeypatch.setattr("ingest.stimuli.decoders._CHUNK", 2)
    wanted = wanted_of(source, tmp_path)
    with Decoders(DecodingSettings(64), worker_count=2) as decoders:
        found = []
        for place, decoded in enumerate(decoders.decoded(wanted)):
            if place == 0:
                assert decoders._pool is not None
                os.kill(next(iter(decoders._pool._processes._processes)), signal.SIGKILL)
            found.append(decoded)
    assert [decoded.error_message for decoded in found] == [None] * 24
    expected = decode((source / "023.png").read_bytes(), DecodingSettings(64))
    assert np.array_equal(found[23].pixels, expected.pixels)


def test_a_file_that_crashes_the_decoder_takes_nothing_else_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = small_set(tmp_path / "set", 8)
    (source / "003.png").write_bytes(b"end%d" % signal.SIGSEGV)
    monkeypatch.setattr("ingest.stimuli.decoders.decode_all", decode_or_end)
    monkeypatch.setattr("ingest.stimuli.decoders._CHUNK", 2)
    with Decoders(DecodingSettings(64), worker_count=2) as decoders:
        found = list(decoders.decoded(wanted_of(source, tmp_path)))
    assert [decoded.error_message for decoded in found] == [None] * 3 + ["the decoder crashed on it"] + [None] * 4
    expected = decode((source / "004.png").read_bytes(), DecodingSettings(64))
    assert np.array_equal(found[4].pixels, expected.pixels)


def no_memory(*_: object) -> None:
    raise OSError(errno.ENOMEM, "Cannot allocate memory")


@pytest.fixture(params=["shared", "no such memory", "too little of it"])
def memory(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Whether decoders can leave pixels in memory that they share."""
    if request.param == "no such memory":
        monkeypatch.delattr(os, "memfd_create")
    elif request.param == "too little of it":
        monkeypatch.setattr(os, "ftruncate", no_memory)
    found: str = request.param
    return found


def test_pixels_stay_as_long_as_they_are_kept(memory: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More of them than there is shared memory for, twice, and after the decoders are gone."""
    monkeypatch.setattr("ingest.stimuli.decoders._CHUNK", 2)
    monkeypatch.setattr("ingest.stimuli.decoders._SLOTS_IN_USE", 1)
    wanted = wanted_of(small_set(tmp_path / "set", 31), tmp_path)
    with Decoders(DecodingSettings(64), worker_count=2) as decoders:
        found = [list(decoders.decoded(wanted)) for _ in range(2)]
    expected = decode_all(wanted, DecodingSettings(64))
    for decoded in found:
        assert len(decoded) == len(expected) == 31
        assert all(np.array_equal(one.pixels, other.pixels) for one, other in zip(decoded, expected, strict=True))


def test_shared_memory_is_used_again_when_its_pictures_are_gone() -> None:
    shared = SharedPixels.new((2, 3, 4, 4, 3))
    assert shared is not None
    grey = [Decoded(np.full((4, 4, 3), level, np.uint8)) for level in (1, 2)]
    slots = [shared.take(), shared.take()]
    assert sorted(slots) == [0, 1] and shared.take() is None
    sent = shared.put(slots[0], [grey[0], Decoded(error_message="broken"), grey[1]])
    assert [one.pixels for one in sent.decoded] == [None] * 3
    first, bad, last = shared.received(slots[0], sent)
    assert bad == Decoded(error_message="broken")
    del first
    assert shared.take() is None and (last.pixels == 2).all()
    del last
    assert shared.take() == slots[0]
    assert shared.received(slots[0], Sent([bad])) == [bad]
    assert shared.take() == slots[0], "nothing of it was used"
    shared.close()


def test_without_memory_for_the_other_process_pixels_go_through_the_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = SharedPixels.new((1, 1, 4, 4, 3))
    assert shared is not None
    slot = shared.take()
    assert slot is not None
    monkeypatch.setattr("mmap.mmap", no_memory)
    passed_on = SimpleNamespace(detach=lambda: os.dup(shared._file))
    assert _given(passed_on, (1, 1, 4, 4, 3)) is None
    grey = Decoded(np.full((4, 4, 3), 7, np.uint8))
    assert shared.received(slot, Sent([grey])) == [grey]
    assert shared.take() == slot
    shared.close()


def test_what_comes_afterwards_is_begun_early_and_decoded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.stimuli.decoders._CHUNK", 2)
    wanted = wanted_of(small_set(tmp_path / "set", 40), tmp_path)
    first, second, third = wanted[:21], wanted[21:30], wanted[30:]
    begun: list[Any] = []
    begin = Decoders._begin
    monkeypatch.setattr(Decoders, "_begin", lambda self, chunk: begun.extend(chunk) or begin(self, chunk))
    asked: list[int] = []

    def afterwards() -> list[Any]:
        asked.append(len(begun))
        return second

    with Decoders(DecodingSettings(64), worker_count=1) as decoders:
        found = list(decoders.decoded(first, afterwards))
        assert asked == [21], "when all of the first were under way"
        assert begun == wanted[:25], "two chunks of it"
        found += decoders.decoded(second, lambda: first)
        assert begun == [*wanted[:30], *first[:4]]
        found += decoders.decoded(third)
        assert begun == [*wanted[:30], *first[:4], *third]
    expected = decode_all(wanted, DecodingSettings(64))
    assert [one.width_px for one in found] == [one.width_px for one in expected]
    assert all(np.array_equal(one.pixels, other.pixels) for one, other in zip(found, expected, strict=True))


def test_a_list_that_is_left_off_takes_no_memory_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.stimuli.decoders._CHUNK", 2)
    monkeypatch.setattr("ingest.stimuli.decoders._SLOTS_IN_USE", 0)
    wanted = wanted_of(small_set(tmp_path / "set", 40), tmp_path)
    with Decoders(DecodingSettings(64), worker_count=1) as decoders:
        for _ in range(4):
            left = decoders.decoded(wanted, lambda: wanted)
            next(left)
            left.close()
        assert len(list(decoders.decoded(wanted))) == 40
        assert decoders._pool is not None and decoders._pool._pixels is not None
        assert sorted(decoders._pool._pixels._free) == [0, 1, 2]


def test_workers_start_under_a_long_temporary_folder(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 60) / ("y" * 60)
    folder.mkdir(parents=True)
    (tmp_path / "script.py").write_text(
        "from ingest.runs.processes import workers\n"
        "if __name__ == '__main__':\n    print(workers(1).submit(abs, -7).result())\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent), "TMPDIR": str(folder)}
    ran = subprocess.run([sys.executable, tmp_path / "script.py"], env=environment, capture_output=True, text=True)
    assert ran.stdout == "7\n", ran.stderr


@pytest.mark.parametrize(
    ("how", "said"), [(signal.SIGKILL, "SIGKILL"), (signal.SIGTERM, "SIGTERM"), (0, "exit code 1")]
)
def test_a_decoder_that_is_ended_otherwise_stops_the_run(how: int, said: str, tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(b"end%d" % how)
    with pytest.raises(MachineFault, match=rf"decodes .*x\.png: .*{said}.*run the same command again"):
        decode_alone((str(tmp_path / "x.png"), ""), DecodingSettings(64), decode_or_end)


SHORTAGES = {
    "memory": MemoryError(),
    "files": OSError(errno.EMFILE, "Too many open files", "x.png"),
    "system": OSError(errno.ENFILE, "Too many open files in system"),
    "disk": OSError(errno.EIO, "Input/output error"),
    "threads": RuntimeError("can't start new thread"),
    "drive": OSError(errno.ESTALE, "Stale file handle"),
}


@pytest.mark.parametrize("lacking", SHORTAGES)
@pytest.mark.parametrize("wrapped", [False, True])
def test_what_the_machine_lacks_is_never_a_pictures_error(
    lacking: str, wrapped: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lack(uri: str) -> bytes:
        try:
            raise SHORTAGES[lacking]
        except (OSError, MemoryError, RuntimeError) as error:
            if wrapped:
                raise InputError(f"cannot read {uri}") from error
            raise

    source = small_set(tmp_path / "set", 2)
    wanted = wanted_of(source, tmp_path)
    monkeypatch.setattr("ingest.stimuli.decoding.read_picture", lack)
    with pytest.raises(MachineFault, match=r"cannot read .*00\d\.png: .* run the same command again"):
        decode_all(wanted, DecodingSettings(64))
    with pytest.raises(MachineFault, match="cannot read"):
        take_inventory(items(str(source)), tmp_path)


def test_too_little_memory_to_decode_is_not_the_pictures_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def lack(*_: object) -> None:
        raise MemoryError

    source = small_set(tmp_path / "set", 2)
    wanted = wanted_of(source, tmp_path)
    monkeypatch.setattr("ingest.stimuli.decoding._rgb", lack)
    with pytest.raises(MachineFault, match=r"cannot decode .*000\.png: not enough memory"):
        decode_all(wanted, DecodingSettings(8))


def test_too_few_file_handles_stop_a_run_with_one_line(tmp_path: Path) -> None:
    source = small_set(tmp_path / "set", 3)
    script = (
        "import os, resource, sys\n"
        "from ingest.stimuli.decoding import DecodingSettings, decode_all, hash_all\n"
        "from warehouse.errors import MachineFault\n"
        "decode_all([(sys.argv[1], '')], DecodingSettings(8))\n"
        "held = [os.open(sys.argv[1], os.O_RDONLY) for _ in range(3)]\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (held[-1] + 1,) * 2)\n"
        "for ask in (lambda: hash_all(sys.argv[1:]), lambda: decode_all([(sys.argv[1], '')], DecodingSettings(8))):\n"
        "    try: print(ask())\n"
        "    except MachineFault as error: print(error)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script, str(source / "000.png")], cwd=ROOT, capture_output=True, text=True, check=True
    )
    lines = ended.stdout.splitlines()
    said = "000.png: too many open files; nothing of it is stored"
    assert len(lines) == 2 and all(said in line for line in lines), lines


INGESTED = """
from clip_warehouse import main
code = main(["ingest", "pictures", SOURCE, "--layers", "4/2/6", "--device", "cpu", "--warehouse", PATH])
print("begun", code)
"""
DECODED = """
from pathlib import Path
from ingest.stimuli.decoders import Decoders
from ingest.stimuli.decoding import DecodingSettings, hash_all
uris = sorted(map(str, Path(SOURCE).iterdir()))
wanted = [(uri, found.content_sha256) for uri, found in zip(uris, hash_all(uris))]
print("begun", sum(bool(found.error_message) for found in Decoders(DecodingSettings(64)).decoded(wanted)))
"""


@pytest.mark.parametrize(
    ("way", "code"), [("a script", INGESTED), ("a script", DECODED), ("-", DECODED), ("-c", DECODED)]
)
def test_a_script_without_a_guard_is_run_once_and_its_pictures_are_read(way: str, code: str, tmp_path: Path) -> None:
    """Workers that ran the script again would end, or begin the whole work anew; pictures would be called broken."""
    source, path, script = small_set(tmp_path / "set", 3), tmp_path / "w.duckdb", tmp_path / "script.py"
    code = code.replace("SOURCE", repr(str(source))).replace("PATH", repr(str(path)))
    script.write_text(code)
    ended = subprocess.run(
        [sys.executable, *{"a script": [str(script)], "-": ["-"], "-c": ["-c", code]}[way]],
        input=code,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert ended.stdout == "begun 0\n", ended.stderr
    assert "another process" not in ended.stderr
    if "clip_warehouse" in code:
        found = warehouse.query("select error_message from stimuli", warehouse=path)
        assert found["error_message"].to_list() == [None] * 3
