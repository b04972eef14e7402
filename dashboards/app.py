"""The entry: what surrounds every page, and what is shown when the warehouse cannot be read."""

from __future__ import annotations

import contextlib
import time
from html import escape

import streamlit as st

from dashboards.reads import models, warehouse_file
from dashboards.widgets import elements, follow, notices, search
from warehouse.errors import ClipWarehouseError, WarehouseBusy

_LOOK_AGAIN_S = 2.0
_SIDEBAR_PX = 200


def _brand() -> None:
    """The title, and which model and file the pages show."""
    try:
        known = list(models.labels())
    except ClipWarehouseError:
        known = []
    named = [known[0]] if len(known) == 1 else [f"{len(known)} models"] if known else []
    caption = " · ".join([*named, warehouse_file.path().name])
    st.html(
        f'<div class="cw-brand"><strong>CLIP circuits</strong>'
        f'<span title="{escape(str(warehouse_file.path()))}">{escape(caption)}</span></div>'
    )


def _choices() -> None:
    """What holds on every page: the model, and whether explicit content is shown."""
    with contextlib.suppress(ClipWarehouseError):  # the page itself says what is wrong
        known = list(models.labels())
        if len(known) > 1:
            st.selectbox("Model", known, key=models.KEY, bind="query-params")
    elements.reveal_switch()


def _carried() -> dict[str, str]:
    """What the sidebar's links carry along: the unit in view. The model's own box keeps the model."""
    return {name: st.query_params[name] for name in ("unit",) if name in st.query_params}


@st.fragment(run_every=_LOOK_AGAIN_S)
def _look_again(seen: warehouse_file.Version, is_busy: bool, shown_at: float) -> None:
    """Show the page again if the file has changed, or if it could not be read."""
    if time.monotonic() - shown_at < _LOOK_AGAIN_S / 2:
        return  # this is the page's own run
    if is_busy or warehouse_file.version(warehouse_file.path()) != seen:
        st.rerun()


st.set_page_config(page_title="CLIP circuits", layout="wide", initial_sidebar_state=_SIDEBAR_PX)
elements.style()
seen, is_busy = warehouse_file.version(warehouse_file.path()), False
pages = {
    "": st.Page("app_pages/overview.py", title="Overview", default=True),
    "unit": st.Page("app_pages/unit.py", title="Unit", url_path="unit"),
    "circuit": st.Page("app_pages/circuit.py", title="Circuit", url_path="circuit"),
    "picture": st.Page("app_pages/picture.py", title="Picture", url_path="picture"),
    "find": st.Page("app_pages/find.py", title="Find", url_path="find"),
    "words": st.Page("app_pages/words.py", title="Words", url_path="words"),
    "how_true": st.Page("app_pages/how_true.py", title="How true", url_path="how_true"),
    "two_models": st.Page("app_pages/two_models.py", title="Two models", url_path="two_models"),
    "versatility": st.Page("app_pages/versatility.py", title="Versatility, bimodality", url_path="versatility"),
    "learning": st.Page("app_pages/learning.py", title="Bottleneck learning", url_path="learning"),
    "distribution": st.Page("app_pages/distribution.py", title="Activation distribution", url_path="distribution"),
    "sql": st.Page("app_pages/sql.py", title="SQL", url_path="sql"),
}
page = st.navigation(list(pages.values()), position="hidden")
with warehouse_file.one_connection():
    with st.sidebar:
        follow.follow_links(pages)
        _brand()
        with contextlib.suppress(ClipWarehouseError):  # the page itself says what is wrong
            search.box(pages)
        for linked in (page for path, page in pages.items() if path != "find"):
            st.page_link(linked, width="stretch", query_params=_carried())
        _choices()
    try:
        if warehouse_file.views_are_older():
            notices.older_views()
        page.run()
    except ClipWarehouseError as error:
        is_busy = isinstance(error, WarehouseBusy)
        notices.trouble(error)
_look_again(seen, is_busy, time.monotonic())
