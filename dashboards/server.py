"""What `clip-warehouse dashboard` runs: Streamlit's server over app.py, whose pages know where the server begins.

Opened at /unit, Streamlit's own page first looks for its server below /unit and leaves two errors in the browser's
console (streamlit issue 7074). Told the address, it asks once, behind a proxy with a prefix too.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.routing import Route

_HERE = Path(__file__).parent
_INDEX = (Path(st.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
_BASE = '<script>window.__streamlit = {BACKEND_BASE_URL: new URL(".", location.href).href}</script>'


async def _page(_: Request) -> HTMLResponse:
    return HTMLResponse(_INDEX.replace("<head>", f"<head>{_BASE}", 1), headers={"Cache-Control": "no-cache"})


async def _overview(_: Request) -> RedirectResponse:
    return RedirectResponse("./")  # the first page has no name of its own in Streamlit


_names = sorted(path.stem for path in (_HERE / "app_pages").glob("*.py"))
app = st.App(
    _HERE / "app.py",
    routes=[Route(f"/{name}", _overview if name == "overview" else _page) for name in _names],
)
