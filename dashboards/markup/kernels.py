"""Kernels as heat maps: green excites, red inhibits; a notch in red cells tells them apart without colour."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from html import escape

import numpy as np
from PIL import Image

_GREEN, _RED = (27, 133, 96), (186, 48, 45)  # both readable on white and on the dark page
_CELL_PX = 8


def heat_map(kernel: Sequence[float], height: int, width: int, side_px: int = 30, label: str = "") -> str:
    """Markup of a kernel [height * width], row by row: green excites, red with a notch in each cell inhibits."""
    cells = np.asarray(kernel, dtype=np.float32).reshape(height, width)
    uri = base64.b64encode(_png(cells)).decode()
    largest = max(height, width)
    size = f"width:{side_px * width / largest:.0f}px;height:{side_px * height / largest:.0f}px"
    return (
        f'<img class="cw-kernel" style="{size}" alt="{escape(label or "kernel")}" src="data:image/png;base64,{uri}" '
        f'title="{escape(label)}">'
    )


def no_heat_map(reason: str, side_px: int = 30) -> str:
    """Markup that stands where no kernel is stored, with the reason as a tooltip."""
    size = f"width:{side_px}px;height:{side_px}px"
    said = escape(reason)
    return f'<span class="cw-kernel cw-none" style="{size}" title="{said}" role="img" aria-label="{said}">–</span>'


def _png(cells: np.ndarray) -> bytes:
    """Cells [height, width] as a PNG: opacity shows the size, colour and a notch in the middle show the sign."""
    largest = float(np.abs(cells).max()) or 1.0
    opacity = np.kron(np.abs(cells) / largest, np.ones((_CELL_PX, _CELL_PX)))
    negative = np.kron(cells < 0, np.ones((_CELL_PX, _CELL_PX), dtype=bool))
    notch = np.zeros((_CELL_PX, _CELL_PX), dtype=bool)
    notch[_CELL_PX // 2 - 1 : _CELL_PX // 2 + 1, 2:-2] = True
    opacity = np.where(negative & np.tile(notch, cells.shape), opacity * 0.45, opacity)
    pixels = np.empty((*opacity.shape, 4), dtype=np.uint8)
    pixels[..., :3] = np.where(negative[..., None], _RED, _GREEN)
    pixels[..., 3] = np.round(255 * opacity)
    written = io.BytesIO()
    Image.fromarray(pixels, "RGBA").save(written, "PNG")
    return written.getvalue()
