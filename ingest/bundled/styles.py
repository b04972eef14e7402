"""The vendors' emoji styles: which package carries each, under which licence, and each concept's drawing as SVG."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.bundled.concepts import Concept, without_variation
from warehouse.errors import InputError

PACKAGE_SCOPE = "@iconify-json"


@dataclass(frozen=True)
class Style:
    """One vendor's drawings. style names its npm package under `@iconify-json`; is_held_out: training never sees it."""

    style: str
    vendor: str
    licence: str
    is_held_out: bool = False
    is_shipped: bool = False

    @property
    def package(self) -> str:
        return f"{PACKAGE_SCOPE}/{self.style}"


# Licences as the packages and the vendors' own licence files state them. Share-alike sets are only tested on: neither
# trained on nor shipped. fluent-emoji-high-contrast (one colour) is left out: it repeats fluent-emoji-flat's geometry.
STYLES = (
    Style("noto", "Google", "Apache-2.0", is_shipped=True),
    Style("noto-v1", "Google", "Apache-2.0"),
    Style("fluent-emoji-flat", "Microsoft", "MIT", is_shipped=True),
    Style("fluent-emoji", "Microsoft", "MIT"),
    Style("emojione", "EmojiTwo", "CC-BY-4.0", is_shipped=True),
    Style("fxemoji", "Mozilla", "CC-BY-4.0"),
    Style("streamline-emojis", "Streamline", "CC-BY-4.0"),
    Style("twemoji", "Twitter and contributors", "CC-BY-4.0", is_held_out=True, is_shipped=True),
    Style("openmoji", "OpenMoji", "CC-BY-SA-4.0", is_held_out=True),
)


def drawings(packages: Path, style: Style, wanted: tuple[Concept, ...]) -> dict[int, str]:
    """The SVG text of each concept that a style draws, by the concept's index.

    packages: the folder `node_modules`. Drawings are found by code points if the package lists them, else by name.
    Raises InputError if the package is missing.
    """
    icons = _icons(packages, style)
    names = {**icons.get("aliases", {}), **icons["icons"]}
    glyphs: dict[int, str] = {}
    by_code_points = _names_by_code_points(packages)
    own = by_code_points.get(style.style)
    for index, concept in enumerate(wanted):
        candidates = [own.get(concept.code_points)] if own else _possible_names(concept, by_code_points)
        name = next((name for name in candidates if name in names), None) or _without_dashes(candidates, names)
        if name is not None:
            glyphs[index] = _svg(icons, name)
    return glyphs


def _icons(packages: Path, style: Style) -> dict[str, Any]:
    path = packages / style.package / "icons.json"
    if not path.is_file():
        raise InputError(f"no {path}: npm install --prefix {packages.parent} {style.package}")
    icons: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return icons


def _names_by_code_points(packages: Path) -> dict[str, dict[str, str]]:
    """style -> code points -> icon name, for the packages that list code points."""
    listed = {}
    for style in STYLES:
        path = packages / style.package / "chars.json"
        names = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        if names:
            listed[style.style] = {without_variation(code): name for code, name in names.items()}
    return listed


def _possible_names(concept: Concept, listed: dict[str, dict[str, str]]) -> list[str | None]:
    """The concept's names in other sets, in emojibase and in the Unicode standard."""
    elsewhere = [names.get(concept.code_points) for names in listed.values()]
    return [*elsewhere, _slug(concept.name), _unicode_slug(concept.code_points)]


def _unicode_slug(code_points: str) -> str | None:
    if "-" in code_points:
        return None
    return _slug(unicodedata.name(chr(int(code_points, 16)), "")) or None


def _without_dashes(candidates: list[str | None], names: dict[str, Any]) -> str | None:
    """A name written as one word, as fxemoji does: `alarmclock`."""
    joined = (candidate.replace("-", "") for candidate in candidates if candidate)
    return next((name for name in joined if name in names), None)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _svg(icons: dict[str, Any], name: str) -> str:
    """An icon as SVG, with the set's box where it has none. No concept's alias turns or mirrors its icon."""
    icon = icons["icons"].get(name)
    if icon is None:
        return _svg(icons, icons["aliases"][name]["parent"])
    box = {side: icon.get(side, icons.get(side, 0 if side in ("left", "top") else 16)) for side in _BOX}
    view = " ".join(str(box[side]) for side in _BOX)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="{view}" '
        f'width="{box["width"]}" height="{box["height"]}">{icon["body"]}</svg>'
    )


_BOX = ("left", "top", "width", "height")
