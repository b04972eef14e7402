"""The built wheel, installed elsewhere, carries the SQL, the font, the bundled model and the licences."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
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
