"""Addresses of pages: relative, with the chosen model and the values of boxes that should stay."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, urlencode

import streamlit as st


def address(page: str, *, keep: Sequence[str] = (), **parameters: str) -> str:
    """A page's address with its query, relative, so that it also holds under a server's base path.

    It carries the chosen model and the values of the boxes whose keys are in `keep`.
    """
    carried = {name: str(st.session_state.get(name) or "") for name in ("model", *keep)} | parameters
    return page + "?" + urlencode({name: value for name, value in carried.items() if value}, safe="/", quote_via=quote)
