"""Rows by hand for what the pages show and a quick ingest does not make: pictures, features, shares, kernels.

Numbers come from hashes of the ids: the same on every machine, different for every unit, and meaning nothing.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import duckdb
from PIL import Image, ImageDraw

PICTURE_COUNT = 60
_SIDE_PX = 64
_ROWS = (Path(__file__).parents[1] / "rows" / "pictured.sql").read_text(encoding="utf-8")


def drawn(count: int = PICTURE_COUNT) -> list[bytes]:
    """Discs of `count` colours, encoded."""
    return [_disc(index) for index in range(count)]


def fill(path: Path, pictures: Sequence[bytes] = (), layer_names: Sequence[str] = ("4/2/6", "4/2/5", "4/1/6")) -> None:
    """Add a pictures, a features and a shares run of the file's first model, and kernels to its weights run."""
    shown = list(pictures) or drawn()
    with duckdb.connect(str(path)) as connection:
        first = connection.execute("select coalesce(max(stimulus_id), 0) + 1 from stimuli").fetchall()[0][0]
        connection.execute("create temp table shown_pictures (stimulus_id integer, image blob)")
        connection.executemany(
            "insert into shown_pictures values (?, ?)", [(first + index, image) for index, image in enumerate(shown)]
        )
        connection.execute("create temp table shown_layers as select unnest(?) as layer_name", [list(layer_names)])
        connection.execute(_ROWS)


def _disc(index: int) -> bytes:
    canvas = Image.new("RGB", (_SIDE_PX, _SIDE_PX), (235, 230, 215))
    colour = tuple(60 + (index * step) % 180 for step in (37, 71, 113))
    left = 6 + index % 20
    ImageDraw.Draw(canvas).ellipse((left, 12, left + 34, 46), fill=colour)
    written = io.BytesIO()
    canvas.save(written, "PNG")
    return written.getvalue()
