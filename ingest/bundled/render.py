"""Drawings of a style as pictures with transparency, square, centred."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ingest.bundled.concepts import concepts
from ingest.bundled.styles import Style, drawings


def rendered_style(packages: Path, style: Style, size_px: int) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Indices [N] of the concepts that the style draws, and their pictures [N, size, size, 4] RGBA."""
    svgs = drawings(packages, style, concepts())
    pictures = np.stack([rendered(svg, size_px) for svg in svgs.values()])
    return np.fromiter(svgs, np.int64), pictures


def rendered(svg: str, size_px: int) -> NDArray[np.uint8]:
    """One drawing [size, size, 4] RGBA, its longer side filling the square."""
    import resvg_py

    drawing = Image.open(
        io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg, height=size_px, skip_system_fonts=True)))
    )
    if drawing.size[0] > size_px:
        drawing = Image.open(
            io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg, width=size_px, skip_system_fonts=True)))
        )
    square = Image.new("RGBA", (size_px, size_px))
    square.paste(drawing, ((size_px - drawing.width) // 2, (size_px - drawing.height) // 2))
    return np.asarray(square)
