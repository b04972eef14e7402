"""Faults in what an ingest reads: the model goes or is another one, the network breaks. See faults.py.

Each kind of ingest comes with its faults and with `finish`, which gives the command again with all as it should be.
"""

from __future__ import annotations

import random
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager, redirect_stderr
from functools import cache, partial, update_wrapper
from io import BytesIO, StringIO
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import duckdb
from PIL import Image

from clip_warehouse import main
from helpers.begun import Begun
from helpers.narrow_model import make_known, put_into
from helpers.playing_site import Answer, playing
from ingest.words import job as words
from warehouse.cache import default_cache
from warehouse.staging import staging_folder

Fault = Callable[[Path, random.Random], None]
_Spoil = Callable[[Answer, int, int], Answer]
_CHOSEN = ("--model", "local-dir:model", "--count", "100", "--layers", "4/2/6")
_WORDS_PER_SHARD = 16
_WORDS = f"""
import sys
import ingest.words.job
ingest.words.job._WORDS_PER_SHARD = {_WORDS_PER_SHARD}
from clip_warehouse import main
sys.exit(main(["ingest", "words", *{_CHOSEN}, "--warehouse", sys.argv[1]]))
"""
_PICTURES = """
import sys
from clip_warehouse import main
from helpers.narrow_model import make_known
chosen = ("--model", make_known(), "--pretrained", "random", "--layers", "4/2/6")
sys.exit(main(["ingest", "pictures", "urls.txt", *chosen, "--warehouse", sys.argv[1]]))
"""
# Two attempts, and no patience for an answer that is late.
_IMPATIENT = """
from functools import partial
import ingest.stimuli.picture_sources as sources
sources.Limits = partial(sources.Limits, silence_s=0.2, attempts=2, backoff_s=0.01, pause_s=0)
"""
_PICTURE_COUNT = 60
_FAILURES = 4  # most times that an address fails before it answers; the impatient ask twice


class Disturbed(NamedTuple):
    """An ingest, by how it is brought to its end, and what is done to it."""

    finish: Callable[[Path], object]
    faults: tuple[Fault, ...]


@contextmanager
def model_ingest() -> Iterator[Disturbed]:
    """Words to one checkpoint, then to another of the same name; ids follow that order."""
    yield Disturbed(_finish_both_models, (model_removed, model_replaced))


@contextmanager
def network_ingest() -> Iterator[Disturbed]:
    """Pictures of a list of addresses on a site that can be spoilt."""
    site = SpoiltSite()
    with playing(site.answer) as played:
        site.url = played.url
        faults = (site_goes_away, late_answers, bodies_cut_short)
        yield Disturbed(site.finish, tuple(update_wrapper(partial(fault, site), fault) for fault in faults))


def model_removed(path: Path, chance: random.Random) -> None:
    """The checkpoint goes at any moment, and in half of the cases the process, too; without it nothing begins."""
    _put_model(path, is_other=False)
    process = _start(_WORDS, path)
    time.sleep(chance.uniform(0, 3))
    shutil.rmtree(path.parent / "model")
    if chance.random() < 0.5:
        process.kill()
    said = f"no model at {path.parent / 'model'}"
    _require_one_line(process, said)
    code, errors = _words_here(path)
    assert (code, errors.count("\n")) == (1, 1) and said in errors, errors


def model_replaced(path: Path, chance: random.Random) -> None:
    """Another checkpoint takes the place while the run goes on, and is asked for before the first is back."""
    _put_model(path, is_other=False)
    process = _start(_WORDS, path)
    while process.poll() is None and not any(staging_folder(path).glob("*/0*")):
        time.sleep(0.01)
    time.sleep(chance.uniform(0, 1))
    _put_model(path, is_other=True)
    if chance.random() < 0.8:
        process.kill()
    _require_one_line(process, "", codes=(0, -9))
    is_unfinished = _is_unfinished(path)  # the kill may come when all is loaded
    code, errors = _words_here(path)
    assert code == 0, errors
    assert ("put the others back to finish that one" in errors) == is_unfinished


def _is_unfinished(path: Path) -> bool:
    with duckdb.connect(str(path), read_only=True) as connection:
        (count,) = connection.execute("select count(*) from runs where status = 'running'").fetchone() or (0,)
    return bool(count)


def site_goes_away(site: SpoiltSite, path: Path, chance: random.Random) -> None:
    """After some answers there are none."""
    left = iter(range(chance.randrange(_PICTURE_COUNT)))
    site.ingest(path, lambda sound, number, before: sound if next(left, None) is not None else Answer(is_dropped=True))


def late_answers(site: SpoiltSite, path: Path, chance: random.Random) -> None:
    late = [chance.randrange(_FAILURES) for _ in range(_PICTURE_COUNT)]
    too_late = Answer(b"..", chunk_pause_s=10)
    site.ingest(path, lambda sound, number, before: too_late if before < late[number] else sound)


def bodies_cut_short(site: SpoiltSite, path: Path, chance: random.Random) -> None:
    cut = [(chance.randrange(_FAILURES), chance.random()) for _ in range(_PICTURE_COUNT)]

    def answer(sound: Answer, number: int, before: int) -> Answer:
        times, share = cut[number]
        body = sound.body[: int(share * len(sound.body))]
        return Answer(body, length=len(sound.body)) if before < times else sound

    site.ingest(path, answer)


class SpoiltSite:
    """Pictures under /0, /1 and so on; while it is spoilt, `spoil` makes an answer of the sound one."""

    def __init__(self) -> None:
        self.url = ""
        self._spoil = _sound
        self._asked: Counter[int] = Counter()

    def answer(self, path: str, _: int) -> Answer:
        number = int(path.removeprefix("/"))
        self._asked[number] += 1
        return self._spoil(Answer(_picture(number)), number, self._asked[number] - 1)

    def ingest(self, path: Path, spoil: _Spoil) -> None:
        """The command while the site is spoilt: it ends well, or with a line that says to give it again."""
        self._asked.clear()
        self._spoil = spoil
        try:
            _require_one_line(self._started(_IMPATIENT + _PICTURES, path), "run the same command again")
        finally:
            self._spoil = _sound

    def finish(self, path: Path) -> None:
        _require_one_line(self._started(_PICTURES, path), "", codes=(0,))

    def _started(self, program: str, path: Path) -> Begun:
        urls = [f"{self.url}/{number}\n" for number in range(_PICTURE_COUNT)]
        (path.parent / "urls.txt").write_text("".join(urls))
        return _start(program, path)


def _sound(sound: Answer, number: int, before: int) -> Answer:
    return sound


@cache
def _picture(number: int) -> bytes:
    file = BytesIO()
    Image.effect_noise((48, 48), 20 + number).save(file, "PNG")
    return file.getvalue()


def _finish_both_models(path: Path) -> None:
    for is_other in (False, True):
        _put_model(path, is_other=is_other)
        code, errors = _words_here(path)
        assert code == 0, errors


def _words_here(path: Path) -> tuple[int, str]:
    with chdir(path.parent):
        return ingest_here(path, _WORDS_PER_SHARD, *_CHOSEN)


def ingest_here(path: Path, words_per_shard: int, *chosen: str) -> tuple[int, str]:
    """The command for words in this process, which saves the start of one: its exit code and what it says."""
    said = StringIO()
    make_known()
    with patch.object(words, "_WORDS_PER_SHARD", words_per_shard), redirect_stderr(said):
        return main(["ingest", "words", *chosen, "--warehouse", str(path)]), said.getvalue()


def _put_model(path: Path, *, is_other: bool) -> None:
    """A narrow model beside the warehouse, or one of the same name and another weight."""
    put_into(path.parent / "model", 1.5 if is_other else 1.0)


def _start(program: str, path: Path) -> Begun:
    """In the warehouse's folder, with downloads kept there."""
    own = path.parent / "cache" / "clip-warehouse"
    if not own.exists():
        own.mkdir(parents=True)
        (own / "empty").symlink_to(default_cache() / "empty")
    return Begun(program, path.name, folder=path.parent, environment={"XDG_CACHE_HOME": str(path.parent / "cache")})


def _require_one_line(process: Begun, said: str, codes: tuple[int, ...] = (0, 1, -9)) -> None:
    """It ends well, is killed, or its last line says what to do."""
    code, errors = process.ended()
    assert code in codes, errors
    if code == 1:
        assert said in errors.splitlines()[-1], errors
        assert "Traceback" not in errors
