"""Pictures on pages: small copies as data URIs, tight grids with the maximum's place marked, explicit ones blurred."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st
from PIL import Image

_FORMAT, _QUALITY = "WEBP", 82
_KEPT = 5000
_LARGEST_PX = 4096
_MARK_SHARE = 0.3  # the square's side as a share of the picture's: wide enough to see, small enough to point


@dataclass(frozen=True)
class Tile:
    """One picture of a grid.

    source: data URI, or None where there is no copy. maximum: (row, column) of the largest activation as shares of the
    picture, 0 to 1, the middle of the map's cell. href: where a click leads.
    """

    source: str | None
    caption: str = ""
    alt: str = ""
    maximum: tuple[float, float] | None = None
    is_explicit: bool = False
    href: str | None = None


def data_uri(image: bytes | None, side_px: int) -> str | None:
    """An encoded picture, at most `side_px` on its longer side, as a data URI; None if it cannot be read."""
    if not image:
        return None
    try:
        with Image.open(io.BytesIO(image)) as opened:
            if opened.format == _FORMAT and max(opened.size) <= side_px:
                return _uri(image)  # as ingests write thumbnails and feature visualisations
    except (OSError, ValueError, Image.DecompressionBombError):
        return None
    return _smaller(image, side_px)


@st.cache_data(show_spinner=False, max_entries=_KEPT)
def _smaller(image: bytes, side_px: int) -> str | None:
    try:
        with Image.open(io.BytesIO(image)) as opened:
            if max(opened.size) > _LARGEST_PX:
                return None
            small = opened.convert("RGBA" if "A" in opened.getbands() else "RGB")
    except (OSError, ValueError, Image.DecompressionBombError):
        return None
    small.thumbnail((side_px, side_px), Image.Resampling.LANCZOS)
    written = io.BytesIO()
    small.save(written, _FORMAT, quality=_QUALITY)
    return _uri(written.getvalue())


def _uri(image: bytes) -> str:
    return f"data:image/webp;base64,{base64.b64encode(image).decode()}"


def grid(tiles: Sequence[Tile], label: str, *, columns: int | None = None, side_px: int | None = None) -> str:
    """Markup of a tight, even grid. columns: how many share the width; else tiles of `side_px` each."""
    shape = f"repeat({columns}, minmax(0, 1fr))" if columns else f"repeat(auto-fill, {side_px or 64}px)"
    body = "".join(map(_tile, tiles))
    return f'<ul class="cw-grid" style="grid-template-columns:{shape}" aria-label="{escape(label)}">{body}</ul>'


def picture(source: str | None, alt: str = "", side_px: int | None = None) -> str:
    """Markup of one square picture, an empty frame of the same size where there is none."""
    size = f' style="width:{side_px}px"' if side_px else ""
    if not source:
        return f'<span class="cw-picture cw-none"{size}></span>'
    return f'<span class="cw-picture"{size}><img src="{escape(source)}" alt="{escape(alt)}"></span>'


def explicit(markup: str) -> str:
    """Markup that stays blurred until it is clicked or focused, or the session's switch is on."""
    return (
        f'<span class="cw-explicit" tabindex="0" role="button" aria-label="explicit, press to reveal">{markup}</span>'
    )


def word(text: str, is_explicit: bool) -> str:
    """A word as markup, blurred when explicit."""
    return explicit(escape(text)) if is_explicit else escape(text)


def _tile(tile: Tile) -> str:
    shown = picture(tile.source, "" if tile.is_explicit else tile.alt)
    if tile.maximum is not None and tile.source:
        shown = shown.replace("</span>", f"{_mark(tile.maximum)}</span>")
    if tile.is_explicit:
        shown = explicit(shown)
    elif tile.href:
        shown = f'<a data-cw-link="" href="{escape(tile.href)}">{shown}</a>'
    title = "" if tile.is_explicit or not tile.alt else f' title="{escape(tile.alt)}"'
    return f"<li{title}>{shown}<small>{escape(tile.caption)}</small></li>"


def _mark(maximum: tuple[float, float]) -> str:
    top, left = (min(max(place - _MARK_SHARE / 2, 0), 1 - _MARK_SHARE) for place in maximum)
    return (
        f'<i class="cw-max" style="top:{top:.1%};left:{left:.1%};width:{_MARK_SHARE:.0%};height:{_MARK_SHARE:.0%}"></i>'
    )
