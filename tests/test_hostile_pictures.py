"""Thousands of damaged pictures, decoded in a process with little memory: each is read or has an error of one line."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

import warehouse
from helpers.picture_files import awkward, broken, png_header
from ingest.network.device import arithmetic
from ingest.network.layers import select_layers
from ingest.network.model import load_model
from ingest.pictures.job import PicturesJob
from ingest.runs.loop import run
from ingest.stimuli.inventory import take_inventory
from ingest.stimuli.picture_sources import items
from warehouse.checking import check

ROOT = Path(__file__).parent.parent
COUNT = 4_000
INGESTED = 400
MORE_MEMORY_BYTES = (
    768 << 20
)  # above what the process holds before it decodes; one picture at the pixel limit needs 512
# Prints one line: of each file, in order, whether there are pixels, and the error.
DECODE_ALL = f"""
import json, resource, sys
sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from ingest.stimuli.decoding import DecodingSettings, decode
decode(b"GIF89a", DecodingSettings(64))
held = next(int(line.split()[1]) << 10 for line in open("/proc/self/status") if line.startswith("VmSize"))
resource.setrlimit(resource.RLIMIT_AS, (held + {MORE_MEMORY_BYTES},) * 2)
came = []
for number in range({COUNT}):
    seen = decode(Path(sys.argv[1], str(number)).read_bytes(), DecodingSettings(64, 32))
    whole = seen.pixels is not None and seen.pixels.shape == (64, 64, 3) and bool(seen.thumbnail)
    came.append([whole, seen.error_message])
print(json.dumps(came))
"""


def cut(content: bytes, other: bytes, dice: random.Random) -> bytes:
    return content[: dice.randrange(len(content))]


def flipped(content: bytes, other: bytes, dice: random.Random) -> bytes:
    damaged = bytearray(content)
    for _ in range(dice.randint(1, 12)):
        damaged[dice.randrange(len(damaged))] ^= 1 << dice.randrange(8)
    return bytes(damaged)


def damaged_head(content: bytes, other: bytes, dice: random.Random) -> bytes:
    """Sizes, offsets and lengths stand near the beginning."""
    damaged = bytearray(content)
    for _ in range(dice.randint(1, 6)):
        damaged[dice.randrange(min(64, len(damaged)))] = dice.choice((0, 1, 0x7F, 0x80, 0xFF, dice.randrange(256)))
    return bytes(damaged)


def spliced(content: bytes, other: bytes, dice: random.Random) -> bytes:
    return content[: dice.randrange(len(content))] + other[dice.randrange(len(other)) :]


def without_a_piece(content: bytes, other: bytes, dice: random.Random) -> bytes:
    start = dice.randrange(len(content))
    return content[:start] + content[start + dice.randint(1, 64) :]


def repeated(content: bytes, other: bytes, dice: random.Random) -> bytes:
    start, length = dice.randrange(len(content)), dice.randint(1, 64)
    return content[:start] + content[start : start + length] * dice.randint(2, 40) + content[start:]


def lying_about_its_size(content: bytes, other: bytes, dice: random.Random) -> bytes:
    return png_header(dice.randrange(1, 1 << dice.randint(1, 31)), dice.randrange(1, 1 << dice.randint(1, 31)))


Damage = Callable[[bytes, bytes, random.Random], bytes]
DAMAGES: tuple[Damage, ...] = (
    cut,
    flipped,
    damaged_head,
    spliced,
    without_a_piece,
    repeated,
    lying_about_its_size,
)


def fuzzed(count: int) -> list[bytes]:
    """Different files made of whole pictures of every kind by every damage in turn; the same ones every time."""
    dice = random.Random(7)
    whole = [file.content for file in awkward(28) if len(file.content) < 20_000]
    files = dict.fromkeys(broken().values())
    while len(files) < count:
        damage = DAMAGES[len(files) % len(DAMAGES)]
        files[damage(dice.choice(whole), dice.choice(whole), dice)] = None
    return list(files)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("fuzzed")
    for number, content in enumerate(fuzzed(COUNT)):
        (path / str(number)).write_bytes(content)
    return path


def test_every_damaged_picture_is_read_or_has_a_reason_in_little_memory(folder: Path) -> None:
    decoded = subprocess.run(
        [sys.executable, "-c", DECODE_ALL, str(folder)], capture_output=True, text=True, timeout=300
    )
    assert decoded.returncode == 0, decoded.stderr
    came = json.loads(decoded.stdout)
    read = [number for number, (is_whole, reason) in enumerate(came) if is_whole and reason is None]
    rejected = [number for number, (is_whole, reason) in enumerate(came) if not is_whole and reason]
    print(f"{len(read):,} read + {len(rejected):,} rejected = {COUNT:,} given")
    assert len(read) + len(rejected) == len(came) == COUNT
    assert len(read) > COUNT // 10 and len(rejected) > COUNT // 10
    reasons = Counter(reason for _, reason in came if reason)
    assert all("\n" not in reason and len(reason) <= 300 for reason in reasons)
    assert not any("MemoryError" in reason or "allocate" in reason for reason in reasons), reasons.most_common(9)


def test_every_damaged_picture_is_a_row(folder: Path, tmp_path: Path) -> None:
    source, path = tmp_path / "some", tmp_path / "w.duckdb"
    source.mkdir()
    for number in range(0, COUNT, COUNT // INGESTED):
        (source / f"{number}.png").hardlink_to(folder / str(number))
    model = load_model("emoji-rn50")
    (inventory_folder := tmp_path / "set").mkdir()
    inventory = take_inventory(items(str(source)), inventory_folder)
    with closing(PicturesJob(model, inventory, select_layers(model.layers, "4/2/6"), arithmetic("cpu"))) as job:
        run(job, path)
    counts = "select stimulus_count - rejected_stimulus_count, rejected_stimulus_count from run_details"
    ((read, rejected),) = warehouse.query(counts, warehouse=path).rows()
    print(f"{read} read + {rejected} rejected = {INGESTED} given")
    assert read + rejected == len(list(source.iterdir())) == INGESTED
    assert min(read, rejected) > 20
    assert [result for result in check(path) if result.failing_count] == []
