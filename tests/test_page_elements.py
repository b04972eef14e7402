"""What pages share: statements, addresses, chips, pictures, drawings; nothing stored becomes markup."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import warehouse
from dashboards.markup import bars, chips, heat_tables, histograms, kernels, numbers, pictures, scatter
from dashboards.markup.circuit_layout import Branch, place
from dashboards.markup.circuit_svg import PLAIN, THEMED, svg
from dashboards.markup.pictures import Tile
from dashboards.reads import questions, warehouse_file
from dashboards.report import document
from warehouse import addresses
from warehouse.addresses import Branches

HOSTILE = "\"><script>alert('1')</script>"
ORDER = {"4/1/6": 0, "4/2/3": 1, "4/2/5": 2, "4/2/6": 3}


def encoded(width: int, height: int) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (width, height), (10, 200, 30)).save(written, "PNG")
    return written.getvalue()


# Statements


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        ("it's", "'it''s'"),
        ("'; drop table runs; --", "'''; drop table runs; --'"),
        (3, "3"),
        (None, "null"),
        (True, "true"),
        ([1, 2], "(1, 2)"),
        (["a", "b'"], "('a', 'b''')"),
        ([], "(null)"),
    ],
)
def test_a_value_becomes_its_literal(value: object, literal: str) -> None:
    assert questions.filled("select $value", value=value) == f"select {literal}"


def test_a_value_that_looks_like_a_name_is_left_alone() -> None:
    filled = questions.filled("select $first, $second, $other", first="$second", second=2)
    assert filled == "select '$second', 2, $other"


def test_the_shown_statement_gives_the_same_rows(small_warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLIP_WAREHOUSE", str(small_warehouse))
    answer = questions.answer("unit/unit_ids", model_id=1, units=["4/1/5/0", "4/2/6/1"])
    assert sorted(answer.rows["unit_id"]) == [1, 3]
    assert warehouse.query(answer.sql, warehouse=small_warehouse).equals(answer.rows)


def test_one_connection_is_opened_late_and_closed(small_warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLIP_WAREHOUSE", str(small_warehouse))
    opened = []
    real = warehouse.read
    monkeypatch.setattr(warehouse, "read", lambda *args, **named: opened.append(real(*args, **named)) or opened[-1])
    with warehouse_file.one_connection():
        assert opened == []
        assert [warehouse_file.rows(f"select {number} as one, 'once' as note").item(0, 0) for number in (81, 82)] == [
            81,
            82,
        ]
    assert len(opened) == 1
    with pytest.raises(Exception, match="closed"):
        opened[0].execute("select 1")


# Addresses


@pytest.mark.parametrize(
    ("typed", "tidied"),
    [("4/2/6/34", "4/2/6/34"), (" 4 / 2/6/ 34 ", "4/2/6/34"), ("4/2/6", "4/2/6/0"), ("cap", "cap"), ("4/2", "4/2")],
)
def test_what_is_typed_is_tidied(typed: str, tidied: str) -> None:
    assert addresses.tidy(typed) == tidied


@pytest.mark.parametrize(
    ("unit_name", "expected"),
    [
        ("4/2/6/34", Branches("4/1/6/34", "4/2/5/34")),
        ("4/1/6/34", Branches("4/0/8/34", "4/1/5/34")),
        ("4/0/8/34", Branches("4/0/7/34", "4/0/5/34")),
        ("4/0/5/34", None),
        ("4/2/3/1", None),
    ],
)
def test_a_blocks_output_adds_two_units(unit_name: str, expected: Branches | None) -> None:
    assert addresses.branches(unit_name) == expected


@pytest.mark.parametrize(
    ("unit_name", "output"),
    [("4/2/5/3", "4/2/6/3"), ("4/0/5/3", "4/0/8/3"), ("4/0/7/3", "4/0/8/3"), ("4/2/3/3", None), ("4/2/6/3", None)],
)
def test_a_branch_knows_its_output(unit_name: str, output: str | None) -> None:
    assert addresses.output_of(unit_name) == output


# Markup


@pytest.mark.parametrize(
    "markup",
    [
        chips.unit(HOSTILE, HOSTILE, HOSTILE),
        chips.layer(HOSTILE),
        chips.layer(HOSTILE, HOSTILE),
        pictures.grid([Tile(HOSTILE, HOSTILE, HOSTILE, (0, 0), False, HOSTILE), Tile(None, HOSTILE)], HOSTILE),
        pictures.word(HOSTILE, True),
        pictures.word(HOSTILE, False),
        histograms.histogram(histograms.Histogram([1], HOSTILE, HOSTILE, scale=(HOSTILE, HOSTILE))),
        bars.bar_list([("a", 1.0)], HOSTILE),
        kernels.heat_map([1.0], 1, 1, label=HOSTILE),
        kernels.no_heat_map(HOSTILE),
        bars.equation([(0.5, "", "")], [HOSTILE]),
        svg(place(Branch("4/2/6/<script>"), ORDER), {"4/2/6/<script>": HOSTILE}, PLAIN, HOSTILE),
    ],
)
def test_nothing_stored_becomes_markup(markup: str) -> None:
    assert "<script" not in markup
    assert "alert('1')" not in markup


def test_a_chip_links_to_its_unit() -> None:
    chip = chips.unit("4/2/6/2", "data:image/webp;base64,AA")
    assert 'href="unit?unit=4/2/6/2"' in chip
    assert 'data-cw-picture="data:image/webp;base64,AA"' in chip
    assert chips.unit(None) == ""


def test_an_explicit_picture_is_blurred_and_says_nothing() -> None:
    shown = pictures.grid([Tile("data:x", "1.5", "a secret", None, True, "unit")], "grid")
    assert "cw-explicit" in shown
    assert "a secret" not in shown
    assert "cw-explicit" not in pictures.grid([Tile("data:x", "1.5", "a hat")], "grid")


def test_the_maximum_stays_inside_its_picture() -> None:
    corner = pictures.grid([Tile("data:x", maximum=(0.99, 0.0))], "grid")
    assert "top:70.0%;left:0.0%" in corner


def test_a_picture_is_made_small_and_a_broken_one_left_out() -> None:
    uri = pictures.data_uri(encoded(300, 200), 60)
    assert uri is not None
    with Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))) as small:
        assert small.size == (60, 40)
    assert pictures.data_uri(b"no picture", 60) is None
    assert pictures.data_uri(None, 60) is None
    assert pictures.data_uri(encoded(5000, 2), 60) is None


def cells(kernel: Sequence[float], height: int, width: int) -> np.ndarray:
    """A heat map's pixels, RGBA."""
    data = kernels.heat_map(kernel, height, width).split("base64,")[1].split('"')[0]
    with Image.open(io.BytesIO(base64.b64decode(data))) as drawn:
        return np.asarray(drawn)


def test_a_kernel_is_green_red_and_clear_by_size() -> None:
    pixels = cells([2.0, -1.0, 0.0], 1, 3)
    corners = pixels[0, ::8]
    assert corners[:, 3].tolist() == [255, 128, 0]
    assert corners[0, 1] > corners[0, 0]
    assert corners[1, 0] > corners[1, 1]
    assert pixels[4, 4, 3] == 255, "a positive cell is even"
    assert pixels[4, 12, 3] < 128, "a negative one has a notch"


def test_a_kernel_of_zeros_is_clear() -> None:
    assert cells([0.0] * 4, 2, 2)[..., 3].max() == 0


def test_an_outline_is_a_line_of_steps_at_the_bars_own_scale() -> None:
    """Ours 2 and 8 of 10, theirs 50 and 50 of 100: two steps at 5 of 8, nothing rises between them."""
    level = histograms.histogram(histograms.Histogram([2, 8], outline=[50, 50]))
    assert level.count("bottom:62.50%") == 2 and "<s" not in level.replace("<span", "")
    rising = histograms.histogram(histograms.Histogram([2, 8], outline=[0, 100]))
    assert '<s style="left:50.00%;bottom:0.00%;height:100.00%"></s>' in rising
    assert "cw-outline" not in histograms.histogram(histograms.Histogram([2, 8]))


def test_what_is_above_zero_has_an_axis_of_its_own() -> None:
    zero, above = histograms.split_at_zero(90, [8, 2], ("0", "0.25")).split("<figure")[1:]
    assert "height:100.00%" in zero and "90.0 %" in zero and "≤ 0" in zero
    assert "height:100.00%" in above and "height:25.00%" in above and "10 of 100 kept pictures above zero" in above


def test_one_thing_is_said_in_the_singular() -> None:
    assert "1 of 1 kept picture above zero" in histograms.split_at_zero(0, [1], ("0", "1"))
    assert "1 point" in (plot := scatter.plot([scatter.Point(1, 1, "")], *[scatter.Axis("", 0, 2)] * 2))
    assert "1 points" not in plot
    told = document.measured([{"model": "m", "job_name": "weights", "stimulus_count": None, "row_count": 1}])
    assert "weights: 1 row<" in told
    answers = [{"model": "m", "verdict": verdict} for verdict in ("agrees", "differs")]
    assert "<strong>1 agrees</strong><span>1 differs, 0 not tested" in document.verdict_counts([{"answers": answers}])


def test_an_axis_is_cut_where_one_bin_towers_over_the_rest() -> None:
    assert histograms.second_peak([100, 5, 3]) == 10
    assert histograms.second_peak([12, 5, 3]) == 12
    assert histograms.second_peak([7]) == 7
    assert histograms.second_peak([]) == 0


def test_a_share_that_is_not_known_is_left_out() -> None:
    known = bars.equation([(0.25, "", ""), (0.75, "", "")], ("shortcut", "convolutions"))
    assert "0.25 ×" in known and "0.75 ×" in known
    assert "×" not in bars.equation([(None, "", ""), (None, "", "")], ("shortcut", "convolutions"))


def test_many_edges_are_thin_enough_to_be_told_apart() -> None:
    leaves = [Branch(f"4/2/3/{index}", "weight", 0.5) for index in range(8)]
    drawn = svg(place(Branch("4/2/5/2", children=leaves), ORDER), {}, PLAIN, "circuit")
    widths = [float(part.split('"')[0]) for part in drawn.split('stroke-width="')[1:]]
    assert widths == [5.0] * 8, "eight ends on 56 px, 2 px between them"


def test_a_drawing_whose_nodes_are_links_is_not_a_single_image() -> None:
    layout = place(ROOT, ORDER)
    assert 'role="group"' in svg(layout, {}, THEMED, "circuit", lambda name: name)
    assert 'role="img"' in svg(layout, {}, PLAIN, "circuit")


def test_a_heat_map_carries_its_scale_unless_its_values_are_written() -> None:
    values = {("4/1/6", "4/2/5"): -0.25}
    said = {"rows": ["4/1/6"], "columns": ["4/2/5"], "ends": (-0.5, 0.125), "label": "heat"}
    assert "<span>≤ −0.500</span>" in heat_tables.heat_table(values, **said)
    assert "cw-ramp" not in heat_tables.heat_table(values, is_written=True, **said)


def test_a_bar_that_is_cut_says_so() -> None:
    assert histograms.histogram(histograms.Histogram([100, 5]), 10).count("data-cut") == 1
    assert "data-cut" not in histograms.histogram(histograms.Histogram([100, 5]))


def test_multiples_share_their_height_when_asked() -> None:
    drawn = [histograms.Histogram([1, 2]), histograms.Histogram([4, 8])]
    assert "height:25.00%" in histograms.small_multiples(drawn, is_shared=True)
    assert "height:25.00%" not in histograms.small_multiples(drawn)


def test_numbers_carry_their_sign() -> None:
    assert "+0.0412" in numbers.signed(0.0412)
    assert "−0.0412" in numbers.signed(-0.0412)
    assert numbers.signed(None) == ""


# The circuit's drawing

ROOT = Branch(
    "4/2/6/2",
    children=[
        Branch("4/1/6/2", "identity"),
        Branch("4/2/5/2", "identity", None, [Branch("4/2/3/1", "weight", 0.5), Branch("4/2/3/9", "weight", -0.25)]),
    ],
)


def test_a_circuit_tells_kinds_apart_by_more_than_colour() -> None:
    drawn = svg(place(ROOT, ORDER), {}, PLAIN, "circuit")
    assert drawn.count("<path") == 4
    assert drawn.count("stroke-dasharray") == 1, "inhibition is dashed"
    assert drawn.count(f"stroke:{PLAIN.identity}") == 2
    assert "+0.500" in drawn
    assert "−0.250" in drawn
    assert "4/2/3/9 to 4/2/5/2: inhibits" in drawn


def test_a_stronger_edge_is_wider() -> None:
    drawn = svg(place(ROOT, ORDER), {}, PLAIN, "circuit")
    widths = [float(part.split('"')[0]) for part in drawn.split('stroke-width="')[1:]]
    assert max(widths) == widths[2]
    assert widths[3] < widths[2]


def test_a_file_stands_alone_and_the_page_follows_the_theme() -> None:
    layout = place(ROOT, ORDER)
    assert "var(--" not in svg(layout, {}, PLAIN, "circuit")
    assert "var(--cw-chip)" in svg(layout, {}, THEMED, "circuit")


def test_a_node_leads_where_the_page_says() -> None:
    layout = place(ROOT, ORDER)
    assert 'href="to 4/2/3/9"' in svg(layout, {}, THEMED, "circuit", lambda name: f"to {name}")
    assert "href" not in svg(layout, {}, PLAIN, "circuit"), "a file leads nowhere"
