"""How numbers, durations and sizes are written: once, for every page and the report."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Any

_SIGNIFICANT_DIGITS = 3
_MINUS = "\N{MINUS SIGN}"
_PLAIN = 1e-4  # below it four significant digits would be a power of ten
_MINUTE_S, _HOUR_S = 60, 3600


def text(value: Any) -> str:
    """A value as one line: thousands separated, floats with three significant digits, nothing for null.

    A negative number has a minus sign, as wide as a plus.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}".replace("-", _MINUS)
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(text, value))
    return " ".join(str(value).split())


def written(value: float | None, form: str, missing: str = "–") -> str:
    """A value in a Python format (`.2f`, `.0e`), with a true minus sign; `missing` for null."""
    return missing if value is None else format(value, form).replace("-", _MINUS)


def percent(share: float | None, decimals: int = 0) -> str:
    """A share as a percentage; a dash for null."""
    return "–" if share is None else f"{written(100 * share, f'.{decimals}f')} %"


def four_digits(value: float | None) -> str:
    """At most four significant digits, as articles give; whole numbers whole, nothing for null."""
    if value is None:
        return ""
    if float(value).is_integer():
        return text(int(value))
    digits = f"{value:.4g}" if abs(value) >= _PLAIN else f"{value:.8f}".rstrip("0").rstrip(".")
    return digits.replace("-", _MINUS) if float(digits) else f"{value:.1e}"


def duration(seconds: float | None) -> str:
    """Seconds as a person says them: 51 s, 3 min 20 s, 2 h 05 min."""
    if seconds is None:
        return ""
    whole = round(seconds)
    if whole < 2 * _MINUTE_S:
        return f"{whole} s"
    if whole < _HOUR_S:
        return f"{whole // _MINUTE_S} min {whole % _MINUTE_S:02d} s"
    return f"{whole // _HOUR_S} h {whole % _HOUR_S // _MINUTE_S:02d} min"


def file_size(byte_count: int) -> str:
    """Bytes as kB, MB or GB of a thousand each, three significant digits."""
    value, unit = float(byte_count), "kB"
    value /= 1e3
    for larger in ("MB", "GB", "TB"):
        if value < 1e3:
            break
        value, unit = value / 1e3, larger
    return f"{_float(value)} {unit}"


def _float(value: float) -> str:
    if not math.isfinite(value):
        return str(value)
    if value == 0:
        return "0"
    decimals = max(0, _SIGNIFICANT_DIGITS - 1 - math.floor(math.log10(abs(value))))
    return f"{value:,.{decimals}f}".replace("-", _MINUS)


def signed(value: float | None) -> str:
    """Markup of a number with its sign, three significant digits, green or red."""
    if value is None:
        return ""
    look = "cw-excites" if value > 0 else "cw-inhibits" if value < 0 else ""
    sign = "+" if value > 0 else _MINUS if value < 0 else ""
    return f'<span class="{look}">{sign}{escape(text(abs(float(value))))}</span>'


def correlation(value: float | None) -> str:
    """Two digits after the point; a dash where there is none."""
    return "\N{EN DASH}" if value is None else f"{round(value, 2) + 0.0:.2f}".replace("-", _MINUS)
