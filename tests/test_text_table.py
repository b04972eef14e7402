"""Tables in a terminal: alignment, long cells, numbers."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.text_table import text_table

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(allow_nan=False, allow_infinity=False, places=2),
    st.text(max_size=80),
    st.lists(st.text(max_size=10), max_size=5),
)
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.tuples(
        st.lists(st.text(max_size=20), min_size=width, max_size=width),
        st.lists(st.lists(VALUES, min_size=width, max_size=width), max_size=6),
    )
)


def column(*values: Any) -> list[str]:
    """The cells of a one-column table, without header and rule."""
    return text_table(["x"], [(value,) for value in values]).split("\n")[2:]


def test_numbers_stand_to_the_right_and_text_to_the_left() -> None:
    rows = [("4/2/6/34", 1, 0.5), ("4/2/6/1052", 12, 12.25)]
    assert text_table(["unit", "rank", "mean"], rows) == "\n".join(
        [
            "unit        rank   mean",
            "──────────  ────  ─────",
            "4/2/6/34       1   0.50",
            "4/2/6/1052    12  12.25",
        ]
    )


def test_a_table_without_rows_is_its_header() -> None:
    assert text_table(["unit", "x"], []) == "unit  x\n────  ─"


@pytest.mark.parametrize(
    ("values", "cells"),
    [
        ((1.0, 22.5), [" 1.00", "22.50"]),
        ((0.00123, 0.0456), ["0.00123", "0.04560"]),
        ((0.0, 0.5), ["0.0000", "0.5000"]),
        ((12345.678, 99999.9), ["12346", "100000"]),
        ((1e-5, 1e5), ["1e-05", "1e+05"]),
        ((1e-14, 2e-14), ["1e-14", "2e-14"]),
        ((1e70, 2e70), ["1e+70", "2e+70"]),
        ((float("nan"), 1.5, float("-inf")), ["nan", "1.500", "-inf"]),
        ((1, None, -20), ["1", "", "-20"]),
        ((True, False), ["yes", "no"]),
        ((Decimal("1.5"), Decimal("22.25")), ["1.5", "22.25"]),
        ((["cat", None, 2],), ["cat, , 2"]),
        ((datetime.date(2024, 1, 2),), ["2024-01-02"]),
        (("two\nlines\tand  spaces",), ["two lines and spaces"]),
    ],
)
def test_a_value_as_text(values: tuple[Any, ...], cells: list[str]) -> None:
    assert [cell.strip() for cell in column(*values)] == [cell.strip() for cell in cells]


def test_decimals_stand_to_the_right() -> None:
    assert column(Decimal("1.5"), Decimal("22.25")) == ["  1.5", "22.25"]


@pytest.mark.parametrize(("text", "cell"), [("abcde", "abcde"), ("abcdef", "abcd…")])
def test_a_long_cell_is_cut(text: str, cell: str) -> None:
    assert text_table(["x"], [(text,)], width_limit=5).split("\n")[2] == cell


def test_a_header_stays_on_its_line() -> None:
    assert text_table(["two\nlines"], [(1,)]).split("\n")[0] == "two lines"


@given(TABLES)
def test_every_cell_stays_in_its_column(table: tuple[list[str], list[list[Any]]]) -> None:
    columns, rows = table
    lines = text_table(columns, rows).split("\n")
    assert len(lines) == 2 + len(rows)
    rule = lines[1]
    for line in lines:
        assert len(line) <= max(len(rule), 1)
        assert all(character == " " for character, mark in zip(line, rule, strict=False) if mark == " ")


@given(st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=6))
def test_a_number_keeps_its_sign_and_its_size(values: list[float]) -> None:
    largest = max(map(abs, values))
    for value, cell in zip(values, column(*values), strict=True):
        shown = float(cell)
        assert (shown > 0, shown < 0) == (value > 0, value < 0)
        assert abs(shown - value) <= 5.001e-4 * largest


@given(st.lists(st.integers(), min_size=1, max_size=6))
def test_an_integer_is_shown_to_the_last_digit(values: list[int]) -> None:
    assert [int(cell) for cell in column(*values)] == values
