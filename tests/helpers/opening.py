"""Pages opened for tests: the entry with AppTest, and what it has written."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.reads import warehouse_file

APP = Path(__file__).parents[2] / "dashboards" / "app.py"


def open_page(monkeypatch: pytest.MonkeyPatch, warehouse: Path, page: str, **query: str) -> AppTest:
    """A page over a warehouse, after its first run; it must not have raised."""
    monkeypatch.setenv("CLIP_WAREHOUSE", str(warehouse))
    warehouse_file._rows.clear()
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.switch_page(f"app_pages/{page}.py")
    for name, value in query.items():
        app.query_params[name] = value
    return checked(app.run())


def checked(app: AppTest) -> AppTest:
    assert not app.exception, app.exception[0].message
    return app


def shown(app: AppTest) -> str:
    """Everything the page has written."""
    return "\n".join([part.proto.body for part in app.get("html")] + [part.value for part in [*app.code, *app.caption]])
