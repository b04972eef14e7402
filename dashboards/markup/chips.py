"""Chips: a unit's or layer's address, always the same purple, always a link; every value is escaped here."""

from __future__ import annotations

from html import escape

from dashboards.markup.links import address
from dashboards.markup.naming import Named


def unit(
    unit_name: str | None, picture: str | None = None, label: str | None = None, called: Named | None = None
) -> str:
    """Markup of a unit's chip: a link to its page. On hover it shows `picture`, a data URI, and the unit's name."""
    if not unit_name:
        return ""
    said = called.said if called else None
    return link(address("unit", unit=unit_name), label or unit_name, "cw-chip", picture, f"unit {unit_name}", said)


def layer(layer_name: str | None, href: str | None = None) -> str:
    """Markup of a layer's chip: outlined; a link if `href` is given."""
    if not layer_name:
        return ""
    if href:
        return link(href, layer_name, "cw-chip cw-layer")
    return f'<span class="cw-chip cw-layer">{escape(layer_name)}</span>'


def link(
    href: str,
    label: str,
    look: str = "cw-link",
    picture: str | None = None,
    named: str | None = None,
    hint: str | None = None,
) -> str:
    """Markup of a link that stays in the session. named: what a screen reader says instead of the label; hint: what is
    shown on hover."""
    extra = f' data-cw-picture="{escape(picture)}"' if picture else ""
    extra += f' aria-label="{escape(named)}"' if named else ""
    extra += f' title="{escape(hint)}"' if hint else ""
    return f'<a class="{look}" data-cw-link="" href="{escape(href)}"{extra}>{escape(label)}</a>'
