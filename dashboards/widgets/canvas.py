"""An element that shows SVG, which Streamlit's own HTML element leaves out, and saves it as SVG or PNG."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_SCRIPT = (Path(__file__).parent / "canvas.js").read_text(encoding="utf-8")
_show = st.components.v2.component("clip_circuits_canvas", js=_SCRIPT, isolate_styles=False)


def drawing(shown: str, alone: str, name: str, height_px: int) -> None:
    """An SVG drawing. shown: markup for the page, its values escaped; alone: the same for a file called `name`."""
    _show(key="canvas", data={"shown": shown, "alone": alone, "name": name}, height=height_px)
