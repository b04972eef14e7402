"""Addresses of layers and units, block/bottleneck/index/channel."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.network.layers import parse_address
from warehouse.errors import UnknownLayer

NUMBERS = st.integers(0, 100_000)


@given(st.lists(NUMBERS, min_size=3, max_size=4))
def test_an_address_is_its_numbers(numbers: list[int]) -> None:
    assert parse_address("/".join(map(str, numbers))) == tuple(numbers)


@given(st.one_of(st.lists(NUMBERS, max_size=2), st.lists(NUMBERS, min_size=5, max_size=7)))
def test_an_address_has_three_numbers_or_four(numbers: list[int]) -> None:
    with pytest.raises(UnknownLayer):
        parse_address("/".join(map(str, numbers)))


@given(st.text("0123456789/ -.x\n").filter(lambda text: not re.fullmatch(r"\d+/\d+/\d+(/\d+)?", text)))
def test_any_other_text_is_a_usage_error_that_quotes_it(text: str) -> None:
    with pytest.raises(UnknownLayer) as caught:
        parse_address(text)
    assert repr(text) in str(caught.value)
