"""What `clip-warehouse dashboard` runs: Streamlit's server for app.py, with pages that know the server's address.

Opened at /unit, Streamlit's own page first looks for its server below /unit and leaves two errors in the browser's
console (streamlit issue 7074). A page that is told the address asks once, behind a proxy with a prefix too.
"""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st
from PIL import Image
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.routing import Route

_HERE = Path(__file__).parent
sys.path.insert(0, str(_HERE.parent))  # Streamlit runs this file as a script of its own folder

# Pages import these anyway. Imported now, they make the first page a fifth of a second faster.
from dashboards.markup import heat_tables, scatter  # noqa: E402, F401
from dashboards.reads import circuits  # noqa: E402, F401
from dashboards.sections import unit_connections, unit_evidence  # noqa: E402, F401

Image.init()
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
