"""Names of units beside their addresses, never in place of them: quoted, with how far they can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from dashboards.markup.numbers import correlation
from dashboards.markup.pictures import word

_SHORT = 16


@dataclass(frozen=True)
class Named:
    """What a unit is called. trust: correlation with the name's fit over pictures that did not name it."""

    name: str
    trust: float
    is_explicit: bool = False

    @property
    def said(self) -> str:
        """As text; an explicit name is not written out."""
        return f"{'▒▒▒▒' if self.is_explicit else f'“{self.name}”'} r {correlation(self.trust)}"

    def short(self, letters: int) -> str:
        """The same in few letters, for drawings."""
        name = self.name if len(self.name) <= letters else f"{self.name[: letters - 1]}…"
        return f"{'▒▒▒▒' if self.is_explicit else f'“{name}”'} {correlation(self.trust)}"


def beside(named: Named | None) -> str:
    """Markup of a name that stands beside an address; nothing where there is none."""
    if named is None:
        return ""
    short = named.name if len(named.name) <= _SHORT else f"{named.name[: _SHORT - 1]}…"
    title = "" if named.is_explicit else f' title="{escape(named.said)}"'
    trust = f"<small>{correlation(named.trust)}</small>"
    return f'<span class="cw-named"{title}>“{word(short, named.is_explicit)}” {trust}</span>'
