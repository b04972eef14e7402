"""Imports run one way: sql <- warehouse <- ingest, warehouse <- dashboards; the command line is on top."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OURS = {"warehouse", "ingest", "dashboards", "clip_warehouse"}
MAY_IMPORT = {
    "warehouse": {"warehouse"},
    "ingest": {"ingest", "warehouse"},
    "dashboards": {"dashboards", "warehouse"},
}
# Who alone may import a library: the house has one door to each.
ONLY = {"duckdb": {"warehouse"}, "torch": {"ingest"}, "open_clip": {"ingest"}, "streamlit": {"dashboards"}}
# What runs a model for a page, when a person asks for it: the one module of dashboards that may import ingest, and only
# inside its functions, so that the pages start without torch.
DOOR = ROOT / "dashboards" / "live.py"
# Inside ingest the maths knows no database, no files and no progress bar.
PURE = (
    "network/trunk",
    "network/layers",
    "network/capture",
    "network/attention_pool",
    "expansion/supports",
    "expansion/descent",
    "expansion/expanded_weights",
    "expansion/gates",
    "expansion/gated_descent",
    "expansion/gated_sweep",
    "effects/effects",
    "effects/sums",
    "coactivations/coactivations",
    "shares/residual_shares",
    "features/optimisation",
    "logits/strengths",
    "matches/products",
    "matches/partners",
    "names/passing",
    "names/soft_wpmi",
    "explanations/frozen",
    "explanations/targets",
    "explanations/graph",
)
# The rooms of ingest, lowest first: a room imports itself and lower ones; measurements do not know each other.
FLOORS = (
    {"assets"},
    {"network"},
    {"expansion", "runs"},
    {"stimuli"},
    {
        "bundled",
        "coactivations",
        "effects",
        "explanations",
        "features",
        "logits",
        "matches",
        "names",
        "pictures",
        "shares",
        "weights",
        "words",
    },
    {"article", "ray"},
    {"commands"},
)
# The same for dashboards; the entry, the server and the door stand beside the rooms.
BESIDE_ROOMS = {"__init__.py", "app.py", "server.py", DOOR.name}
PAGE_FLOORS = ({"markup"}, {"reads"}, {"widgets"}, {"sections"}, {"app_pages", "report"}, {"commands"})


def imports(path: Path) -> Iterator[str]:
    return imported(ast.parse(path.read_text()))


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{ast.unparse(node)}: import by full name"
            yield node.module or ""


def modules() -> list[tuple[str, Path]]:
    return [(package, path) for package in MAY_IMPORT for path in sorted((ROOT / package).rglob("*.py"))]


@pytest.mark.parametrize(("package", "path"), modules(), ids=[str(path.relative_to(ROOT)) for _, path in modules()])
def test_a_module_imports_only_what_its_package_may(package: str, path: Path) -> None:
    for name in imports(path):
        top = name.split(".")[0]
        if top in OURS and not (path == DOOR and top == "ingest"):
            assert top in MAY_IMPORT[package], f"{package} must not import {name}"
        if top in ONLY:
            assert package in ONLY[top], f"only {ONLY[top]} may import {top}"


def test_the_door_imports_ingest_only_inside_its_functions() -> None:
    tree = ast.parse(DOOR.read_text())
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    inside = {name for function in functions for name in imported(function) if name.startswith("ingest")}
    assert inside, "the door leads somewhere"
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef) and not _is_for_types(node):
            assert not any(name.startswith("ingest") for name in imported(node)), ast.unparse(node)


def _is_for_types(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def _address(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _floor(room: str, floors: tuple[set[str], ...]) -> int:
    (floor,) = [index for index, rooms in enumerate(floors) if room in rooms]
    return floor


def _imports_downwards(path: Path, package: str, floors: tuple[set[str], ...], doors: set[str]) -> None:
    room = path.relative_to(ROOT / package).parts[0]
    for name in imports(path):
        if name.startswith(f"{package}.") and name.split(".")[1] not in doors:
            other = name.split(".")[1]
            assert other == room or _floor(other, floors) < _floor(room, floors), f"{room} must not import {name}"


@pytest.mark.parametrize("path", sorted((ROOT / "ingest").rglob("*.py")), ids=_address)
def test_the_rooms_of_ingest_import_downwards(path: Path) -> None:
    room, *below = path.relative_to(ROOT / "ingest").parts
    if not below:
        assert room == "__init__.py", f"{room}: a module of ingest lies in a room"
        return
    _imports_downwards(path, "ingest", FLOORS, set())


@pytest.mark.parametrize(
    "path", sorted((ROOT / "dashboards").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT))
)
def test_the_rooms_of_the_pages_import_downwards(path: Path) -> None:
    room, *below = path.relative_to(ROOT / "dashboards").parts
    if not below:
        assert room in {"__init__.py", "app.py", "server.py", DOOR.name}, (
            f"{room}: a module of the pages lies in a room"
        )
        return
    doors = {DOOR.stem} if room in {"sections", "app_pages"} else set()
    _imports_downwards(path, "dashboards", PAGE_FLOORS, doors)


def test_the_report_is_written_without_streamlit() -> None:
    script = "import sys, dashboards.report.writing; sys.exit('streamlit' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)


@pytest.mark.parametrize("name", PURE)
def test_the_maths_knows_no_database_no_files_and_no_progress(name: str) -> None:
    path = ROOT / "ingest" / f"{name}.py"
    if not path.exists():
        pytest.fail(f"{path.name} is listed as pure and does not exist")
    for imported in imports(path):
        assert imported in {"warehouse.errors", "warehouse.addresses"} or not imported.startswith("warehouse")
        assert imported.split(".")[0] not in {"polars", "tqdm", "pathlib", "os"}, imported


def test_nothing_imports_the_command_line() -> None:
    for _, path in modules():
        assert "clip_warehouse" not in set(imports(path)), path


def test_the_walk_sees_imports_inside_functions(tmp_path: Path) -> None:
    file = tmp_path / "m.py"
    file.write_text("def f():\n    import torch.nn\n    from ingest.network.model import load_model\n")
    assert list(imports(file)) == ["torch.nn", "ingest.network.model"]


def test_text_files_are_read_and_written_in_one_encoding() -> None:
    """A machine's own may be ASCII or Latin-1, where SQL and lists of ours are UTF-8."""
    calls = (
        (path, node)
        for _, path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("read_text", "write_text")
    )
    without = [
        f"{_address(path)}:{node.lineno}"
        for path, node in calls
        if not any(word.arg == "encoding" for word in node.keywords)
    ]
    assert without == []
