"""Links inside the pages' own markup: real addresses, followed without reloading the application.

A plain anchor reloads the browser page and opens a new session (about a second). So one small component listens for
clicks on every `a[data-cw-link]` and hands the address to Python, which shows that page in the running session.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import streamlit as st

_SCRIPT = (Path(__file__).parent / "follow.js").read_text(encoding="utf-8")
_listener = st.components.v2.component("clip_circuits_follow", js=_SCRIPT, isolate_styles=False)


def follow_links(pages: Mapping[str, Any]) -> None:
    """Show the page whose link was clicked. pages: url path -> st.Page; an unknown path is ignored.

    Call it before drawing the first box that is bound to the address: such a box takes a new value only then, and only
    from its state.
    """
    with st.container(key="cw_follow"):
        clicked = _listener(key="follow", on_followed_change=_nothing, height=1).followed
    if not clicked:
        return
    target = urlsplit(clicked)
    page = pages.get(target.path.strip("/"))
    if page is None:
        return
    parameters = dict(parse_qsl(target.query))
    for name in [name for name in parameters if name in st.session_state]:
        kind = type(st.session_state[name])
        st.session_state[name] = kind(parameters.pop(name))
    st.switch_page(page, query_params=parameters)


def _nothing() -> None:
    """The event is read from the component's result; naming a callback declares it."""
