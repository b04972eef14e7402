"""The built wheel, installed elsewhere, carries the SQL, the font, the bundled model and the licences."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def run_installed(site: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    script = "import sys, clip_warehouse; sys.exit(clip_warehouse.main(sys.argv[1:]))"
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )


def test_the_wheel_holds_what_the_checkout_holds(installed: Path) -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    wanted = [name for name in tracked if name.startswith(("ingest/", "warehouse/", "sql/", "dashboards/"))]
    assert len(wanted) > 40
    assert [name for name in wanted if not (installed / name).is_file()] == []
    assert not (installed / "tests").exists()
    assert list(installed.glob("*.dist-info/licenses/**/LICENSE"))


def test_the_installed_program_ingests_and_answers(installed: Path, tmp_path: Path) -> None:
    words = tmp_path / "list.txt"
    words.write_text("hat\ncat\n")
    told = run_installed(
        installed, "ingest", "words", "--file", str(words), "--layers", "4/2/6", "--warehouse", "w.duckdb", cwd=tmp_path
    )
    assert "run 1 complete" in told.stderr
    where = "import sys, warehouse; print(warehouse.__file__); print(len(warehouse.query('from unit_top_words')))"
    answer = subprocess.run(
        [sys.executable, "-c", where],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed), "CLIP_WAREHOUSE": "w.duckdb"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.splitlines() == [str(installed / "warehouse" / "__init__.py"), str(2 * 512)]


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def imported(files: list[Path]) -> set[str]:
    """The top-level names that the files import, anywhere in them."""
    names = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module)
    return {name.split(".")[0] for name in names}


def declared(*extras: str) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"] + [line for extra in extras for line in project["optional-dependencies"][extra]]
    return {canonical(re.split(r"[<>=!~;\[ ]", line)[0]) for line in wanted}


@pytest.mark.parametrize(
    ("where", "extras"),
    [(("clip_warehouse.py", "ingest", "warehouse", "dashboards"), ("ray", "training")), (("tests",), ("dev", "ray"))],
    ids=["program", "tests"],
)
def test_every_import_is_declared(where: tuple[str, ...], extras: tuple[str, ...]) -> None:
    files = [file for name in where for file in [ROOT / name, *(ROOT / name).rglob("*.py")] if file.suffix == ".py"]
    folders = (ROOT, ROOT / "tests", ROOT / "tests" / "benchmarks")
    ours = {path.name.removesuffix(".py") for folder in folders for path in folder.iterdir()}
    known, foreign = packages_distributions(), imported(files) - set(sys.stdlib_module_names) - ours
    foreign -= {"_typeshed"}  # the type checker's own, imported for it alone
    foreign -= {"triton"}  # comes with a torch that is built for CUDA, and is imported with that alone
    homes = {name: {canonical(home) for home in known.get(name, [name])} for name in foreign}
    assert {name for name in foreign if not homes[name] & declared(*extras)} == set()


def test_constraints_name_one_version_and_no_place() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    line_form = re.compile(r"[A-Za-z0-9_.-]+==[0-9][0-9A-Za-z.]*(; platform_machine == \"(x86_64|aarch64)\")?")
    assert [line for line in lines if not line_form.fullmatch(line)] == []
    named = {canonical(line.split("==")[0]) for line in lines}
    assert declared("dev", "ray") <= named, "each direct dependency has its version"
