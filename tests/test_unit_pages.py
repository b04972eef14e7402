"""The unit and the circuit page: their logic with AppTest, and both in headless Chromium."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from dashboards.reads import warehouse_file
from dashboards.sections import unit_evidence
from helpers import pictured
from helpers.measured import measure
from test_dashboard import APP, CHROMIUM, CHROMIUM_OPTIONS, served
from warehouse.schema import create_or_update

LAYERS = "4/1/3,4/1/5,4/1/6,4/2/3,4/2/5,4/2/6"
WEIGHTS = ["--upper", "4/1/5,4/2/5", "--lower", "4/1/3,4/1/6,4/2/3"]
NEIGHBOURS = 'class="cw-grid cw-neighbours"'


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled model: 30 words, the weights of block 4's last bottlenecks; pictures, features and shares by hand."""
    path = tmp_path_factory.mktemp("pages") / "measured.duckdb"
    for job, options in (("words", ["--count", "30", "--layers", LAYERS]), ("weights", WEIGHTS)):
        measure(path, job, *options)
    pictured.fill(path)
    return path


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Opens a page over a file with query parameters."""

    def run(path: Path, page: str, **parameters: str) -> AppTest:
        monkeypatch.setenv("CLIP_WAREHOUSE", str(path))
        app = AppTest.from_file(str(APP), default_timeout=60)
        app.query_params.update(parameters)
        app.switch_page(f"app_pages/{page}.py").run()
        assert not app.exception
        return app

    warehouse_file._rows.clear()
    return run


def shown(app: AppTest) -> str:
    return "\n".join([part.proto.body for part in app.get("html")] + [part.value for part in [*app.code, *app.caption]])


def circuit(app: AppTest) -> dict[str, Any]:
    """What the drawing was given."""
    return next(part for part in app.get("bidi_component") if "alone" in part.proto.json).proto.json


def test_a_unit_is_shown_whole(measured: Path, opened: Callable[..., AppTest]) -> None:
    page = shown(opened(measured, "unit", unit="4/2/6/2"))
    for expected in (
        "4/2/6/2",
        "channel 2 of 512",
        "block output, after the ReLU",
        "optimised here",
        "60 pictures",
        "Words that drive it most",
        'href="unit?unit=4/1/6/2"',
        'href="unit?unit=4/2/5/2"',
        "unit?unit=4/2/3/",
        "shortcut share",
        "read by attention pooling",
        "Fed earlier",
        "→ 4/1/5/2",
        "Backward contributions into 4/2/5/2",
        "4/1/6 →",
        "Laplace scale",
        "tenth 10",
        '<span class="cw-explicit"',
    ):
        assert expected in page, expected


def test_the_shown_sql_names_its_run_and_unit(measured: Path, opened: Callable[..., AppTest]) -> None:
    codes = [part.value for part in opened(measured, "unit", unit="4/2/6/2").code]
    words = next(code for code in codes if "unit_top_words" in code)
    assert "run_id in (1) and unit_name = '4/2/6/2'" in words
    with duckdb.connect(str(measured), read_only=True) as connection:
        for code in codes:
            connection.sql(code).fetchall()


def test_shares_stand_as_an_equation(measured: Path, opened: Callable[..., AppTest]) -> None:
    with duckdb.connect(str(measured), read_only=True) as connection:
        share = connection.sql(
            "select shortcut_share from residual_shares inner join units on residual_shares.unit_id = units.unit_id "
            "where unit_name = '4/2/6/2' and definition = 'added' and image_source = 'features'"
        ).fetchall()[0][0]
    page = shown(opened(measured, "unit", unit="4/2/6/2"))
    assert f"{share:.2f} ×" in page
    assert f"{1 - share:.2f} ×" in page


def test_a_convolution_has_contributors_targets_and_histograms(measured: Path, opened: Callable[..., AppTest]) -> None:
    page = shown(opened(measured, "unit", unit="4/1/6/2"))
    assert "Forward contributions of 4/1/6/2" in page
    assert "→ 4/2/5" in page
    assert page.count("unit?unit=4/2/5/") >= 6


def test_the_layer_of_contributors_can_be_chosen(measured: Path, opened: Callable[..., AppTest]) -> None:
    app = opened(measured, "unit", unit="4/2/5/2")
    assert app.selectbox(key="from").options == ["4/2/3", "4/1/6", "4/1/3"]
    app.selectbox(key="from").select("4/1/3").run()
    assert "unit?unit=4/1/3/" in shown(app)
    app.selectbox(key="from_by").select("inhibitory").run()
    assert "connection_order('inhibitory'" in shown(app)


def test_stored_kernels_are_drawn_and_others_name_their_command(measured: Path, opened: Callable[..., AppTest]) -> None:
    page = shown(opened(measured, "unit", unit="4/2/5/2", **{"from": "4/1/3"}))
    assert "data:image/png;base64" in page
    assert "not stored: clip-warehouse kernel 4/1/3/" in page


def test_a_kernel_of_one_cell_is_drawn_from_its_mean(measured: Path, opened: Callable[..., AppTest]) -> None:
    """4/2/5 is a 1 x 1 convolution of 4/2/3, so that each kernel is one cell, whether it was stored or not."""
    page = shown(opened(measured, "unit", unit="4/2/5/2", **{"from": "4/2/3"}))
    assert page.count(' to 4/2/5/2"') == 2 * 6, "alternative text and tooltip of six kernels"
    assert "not stored" not in page


@pytest.mark.parametrize(
    ("unit", "said"),
    [
        ("4/2/5/2", "attention pooling reads the last layer"),
        ("1/0/1/2", "the stem feeds it"),
        ("1/0/7/2", "the stem feeds it"),
    ],
)
def test_the_ends_of_the_network_ask_for_no_weights(
    measured: Path, opened: Callable[..., AppTest], unit: str, said: str
) -> None:
    page = shown(opened(measured, "unit", unit=unit))
    assert said in page
    option = "--lower" if unit.startswith("4") else "--upper"
    assert f"ingest weights {option} {unit.rpartition('/')[0]}" not in page


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("4/2/6/999", "has channels 0 to 511"),
        ("9/9/9/1", "has layers 1/0/1 to 4/2/6"),
        ("cap", "write block/bottleneck/index/channel"),
        ("<script>alert(1)</script>", "There is no unit &lt;script&gt;"),
        ("4/2/6/2'; drop table runs", "There is no unit"),
    ],
)
@pytest.mark.parametrize("page", ["unit", "circuit"])
def test_an_unknown_address_says_what_there_is(
    measured: Path, opened: Callable[..., AppTest], address: str, said: str, page: str
) -> None:
    found = shown(opened(measured, page, unit=address))
    assert said in found or page == "circuit"
    assert "There is no unit" in found
    assert "<script>" not in found


def test_searching_moves_to_the_unit(measured: Path, opened: Callable[..., AppTest]) -> None:
    app = opened(measured, "unit", unit="4/2/6/2")
    app.text_input(key="search 4/2/6/2").input(" 4/1/6 / 7").run()
    assert app.query_params["unit"] == "4/1/6/7"
    assert "channel 7 of 512" in shown(app)


def test_previous_and_next_go_round(measured: Path, opened: Callable[..., AppTest]) -> None:
    page = shown(opened(measured, "unit", unit="4/2/6/0"))
    assert 'unit=4/2/6/511" aria-label="previous unit"' in page
    assert 'unit=4/2/6/1" aria-label="next unit"' in page


def test_every_empty_section_names_its_command(tmp_path: Path, opened: Callable[..., AppTest]) -> None:
    path = tmp_path / "bare.duckdb"
    create_or_update(path)
    with duckdb.connect(str(path)) as connection:
        connection.execute("""
            insert into models values (1, 'tiny', 'random-0', 'f', 64, 2, 2);
            insert into layers values
                (1, 1, '4/1/6', 4, 1, 6, 0, 'relu', 'm', 1, 2, 2, 'l'),
                (2, 1, '4/2/6', 4, 2, 6, 1, 'relu', 'n', 1, 2, 2, 'k');
            insert into units values (1, 1, 0, '4/1/6/0', 1, 0), (2, 2, 0, '4/2/6/0', 1, 0);
        """)
    page = shown(opened(path, "unit", unit="4/1/6/0"))
    for command in (
        "ingest features --units 4/1/6",
        f"ingest pictures --model tiny --pretrained random --seed 0 --warehouse {path}",
        "ingest words --layers 4/1/6",
        "ingest shares --bottlenecks 4/1",
        "ingest weights --upper 4/1/6",
        "ingest weights --lower 4/1/6",
    ):
        assert f"clip-warehouse {command}" in page, command
    assert "ingest weights --upper 4/1/6" in shown(opened(path, "circuit", unit="4/1/6/0"))


@pytest.mark.parametrize("page", ["unit", "circuit"])
def test_an_empty_warehouse_names_the_first_command(tmp_path: Path, opened: Callable[..., AppTest], page: str) -> None:
    path = tmp_path / "empty.duckdb"
    create_or_update(path)
    assert "clip-warehouse ingest words" in shown(opened(path, page))


def test_the_model_is_picked_and_links_keep_it(measured: Path, tmp_path: Path, opened: Callable[..., AppTest]) -> None:
    path = tmp_path / "two.duckdb"
    path.write_bytes(measured.read_bytes())
    with duckdb.connect(str(path)) as connection:
        connection.execute("""
            insert into models values (2, 'tiny', 'random-0', 'f', 64, 1, 1);
            insert into layers values (9001, 2, '4/2/6', 4, 2, 6, 0, 'relu', 'm', 3, 2, 2, 'l');
            insert into units values (90001, 9001, 1, '4/2/6/1', 1, 0);
        """)
    app = opened(path, "unit", unit="4/2/6/1")
    assert app.selectbox(key="model").options == ["emoji-rn50", "tiny"]
    assert "channel 1 of 512" in shown(app)
    app.selectbox(key="model").select("tiny").run()
    page = shown(app)
    assert "channel 1 of 3" in page
    assert "circuit?model=tiny&amp;unit=4/2/6/1" in page
    assert "No words for this layer yet" in page


def test_one_model_needs_no_picker(measured: Path, opened: Callable[..., AppTest]) -> None:
    assert [box.key for box in opened(measured, "unit").selectbox if box.key == "model"] == []


def test_explicit_content_is_revealed_by_one_switch(measured: Path, opened: Callable[..., AppTest]) -> None:
    app = opened(measured, "unit", unit="4/2/6/2")
    assert "--cw-blur: 0" not in shown(app)
    app.toggle(key="reveals_explicit").set_value(True).run()
    assert "--cw-blur: 0" in shown(app)


def test_neighbours_that_read_much_wait_for_a_switch(
    measured: Path, opened: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert NEIGHBOURS in shown(opened(measured, "unit", unit="4/2/6/2"))
    monkeypatch.setattr(unit_evidence, "_MANY_ACTIVATIONS", 60 * 512 - 1)
    app = opened(measured, "unit", unit="4/2/6/2")
    assert NEIGHBOURS not in shown(app)
    assert NEIGHBOURS in shown(app.toggle(key="compares_many").set_value(True).run())


def test_a_circuit_follows_identities_and_weights(measured: Path, opened: Callable[..., AppTest]) -> None:
    app = opened(measured, "circuit", unit="4/2/6/2", depth="2", fan_in="4")
    drawing = circuit(app)
    for unit in ("4/2/6/2", "4/2/5/2", "4/1/6/2", "4/1/5/2", "&amp;unit=4/2/3/"):
        assert unit in drawing, unit
    assert drawing.count("excites, mean") == 2 * 2, "two of 4/2/3, on the page and in the file"
    assert drawing.count("inhibits, mean") == 2 * 2


def test_a_deeper_circuit_has_more_units(measured: Path, opened: Callable[..., AppTest]) -> None:
    shallow, deep = (
        circuit(opened(measured, "circuit", unit="4/2/6/2", depth=depth)).count("<title>") for depth in ("1", "3")
    )
    assert shallow == 2 * 2
    assert deep > 4 * shallow


def test_circuit_weights_are_those_of_the_view(measured: Path, opened: Callable[..., AppTest]) -> None:
    with duckdb.connect(str(measured), read_only=True) as connection:
        strongest = connection.sql(
            "select lower_unit from backward_contributions where upper_unit = '4/2/5/2' and lower_layer = '4/2/3' "
            "order by weight_mean desc limit 2"
        ).fetchall()
    drawing = circuit(opened(measured, "circuit", unit="4/2/5/2", depth="1", fan_in="4"))
    for (unit,) in strongest:
        assert f"{unit} to 4/2/5/2: excites" in drawing


@contextmanager
def browsed(path: Path) -> Iterator[tuple[Any, str, list[str]]]:
    """A page of headless Chromium, the server's address, and what the console complained of."""
    sync_api = pytest.importorskip("playwright.sync_api")
    complaints: list[str] = []
    with served(path) as (address, _), sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=CHROMIUM_OPTIONS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.on("console", lambda said: complaints.append(_complaint(said)) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page, address, complaints
        browser.close()


def _complaint(said: Any) -> str:
    return f"{said.text} {said.location['url']}"


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium at /usr/bin/chromium: apt-get install chromium")
def test_the_unit_page_in_a_browser(measured: Path) -> None:
    with browsed(measured) as (page, address, complaints):
        page.goto(f"{address}/unit?unit=4/2/6/2")
        page.get_by_text("channel 2 of 512").wait_for()
        page.get_by_role("table", name="Fed by").wait_for()
        assert page.title().startswith("4/2/6/2 · Unit")
        assert page.locator('[data-testid="stException"], [data-testid="stAlert"]').count() == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= 1440, "no sideways scrolling"
        first_screen = page.get_by_role("table", name="Fed by").bounding_box()
        assert first_screen["y"] + first_screen["height"] <= 900, "what feeds it stands on the first screen"
        session = page.evaluate("window.cwSession = 1")
        chip = page.get_by_role("table", name="Fed by").locator("a.cw-chip").first
        target = chip.inner_text()
        chip.hover()
        page.locator("img.cw-float:not([hidden])").wait_for()
        chip.click()
        page.locator("h1", has_text=target).wait_for()
        assert page.evaluate("window.cwSession") == session, "the application was not loaded anew"
        assert page.url.replace("%2F", "/").endswith(f"/unit?unit={target}")
        page.reload()
        page.locator("h1", has_text=target).wait_for()
        page.go_back()
        page.locator("h1", has_text="4/2/6/2").wait_for()
        page.get_by_role("link", name="next unit").click()
        page.locator("h1", has_text="4/2/6/3").wait_for()
    assert complaints == []


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium at /usr/bin/chromium: apt-get install chromium")
def test_the_circuit_page_in_a_browser(measured: Path, tmp_path: Path) -> None:
    with browsed(measured) as (page, address, complaints):
        page.goto(f"{address}/circuit?unit=4/2/6/2&depth=2")
        page.locator("svg a.cw-node").nth(5).wait_for()
        assert page.locator('[data-testid="stException"], [data-testid="stAlert"]').count() == 0
        for kind, start in (("SVG", b"<svg"), ("PNG", b"\x89PNG")):
            with page.expect_download() as download:
                page.get_by_role("button", name=kind, exact=True).click()
            saved = tmp_path / download.value.suggested_filename
            download.value.save_as(saved)
            assert saved.name == f"circuit-4-2-6-2.{kind.lower()}"
            assert saved.read_bytes().startswith(start)
        page.get_by_role("link", name="unit 4/1/6/2").press("Enter")
        page.locator("h1", has_text="4/1/6/2").wait_for()
        page.wait_for_url(lambda url: "depth=2" in url)  # its box, drawn after the heading, writes it there
        page.reload()
        page.locator("svg a.cw-node", has_text="4/1/6/2").wait_for()
    assert complaints == []
