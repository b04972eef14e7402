"""The search box on every page: an address leads to its unit, any other text to page Find.

The key / puts the cursor into it (follow.js).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboards.reads import models, units
from warehouse.addresses import tidy

_KEY, _ASKED = "cw_search", "cw_search_asked"


def box(pages: Mapping[str, Any]) -> None:
    """The box; what was entered is followed at once. pages: url path -> st.Page."""
    st.text_input(
        "Search units",
        key=_KEY,
        placeholder="Search units  /",
        label_visibility="collapsed",
        on_change=_entered,
        help="An address, a name, a word that drives a unit, or what its pictures show. Key: /",
    )
    text = st.session_state.pop(_ASKED, "").strip()
    if not text:
        return
    carried = {"model": str(st.session_state[models.KEY])} if st.session_state.get(models.KEY) else {}
    if text.count("/") == 3 and models.chosen() is not None and units.unit(tidy(text)):
        st.switch_page(pages["unit"], query_params={"unit": tidy(text), **carried})
    st.switch_page(pages["find"], query_params={"text": text, **carried})


def _entered() -> None:
    st.session_state[_ASKED] = st.session_state[_KEY]
