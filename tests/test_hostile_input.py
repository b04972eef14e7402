"""Whatever a person types or gives as a file is understood or is one of our errors, never another exception."""

from __future__ import annotations

import string
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import warehouse
from clip_warehouse import main
from ingest.network.device import arithmetic
from ingest.network.layers import Layer, output_layer, parse_address, select_layers
from ingest.network.unit_selection import LayerUnits, named_units, select_units
from ingest.stimuli.picture_sources import items
from ingest.stimuli.texts import RasterSettings, problem, rasterise
from warehouse.addresses import tidy
from warehouse.errors import ClipWarehouseError, InputError, UsageError
from warehouse.lists import read_list

ANY_TEXT = st.text(st.characters(codec=None), max_size=40)
NEARLY_ADDRESSES = st.text("0123456789/, ٣²-+.ex\n", max_size=30)
NUMBERS = st.integers(0, 10**9 - 1)
LAYERS = tuple(
    Layer(f"4/{bottleneck}/{op}", 4, bottleneck, op, order, "conv", "", 3, 7, 7, "")
    for order, (bottleneck, op) in enumerate((bottleneck, op) for bottleneck in range(3) for op in (1, 3, 5, 6))
)
ALL_UNITS = [(layer.layer_name, channel) for layer in LAYERS for channel in range(layer.channel_count)]
RASTER = RasterSettings(64, 12)
REUSED_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(st.one_of(ANY_TEXT, NEARLY_ADDRESSES))
@example("4/2/6/" + "1" * 5_000)  # Python refuses to read so long a number
@example("٤/٢/٦")
def test_an_address_comes_back_as_it_was_or_is_refused(text: str) -> None:
    try:
        numbers = parse_address(text)
    except UsageError:
        return
    assert parse_address("/".join(map(str, numbers))) == numbers
    assert text.isascii() and [int(part) for part in text.split("/")] == list(numbers)


@given(st.one_of(ANY_TEXT, NEARLY_ADDRESSES))
def test_a_tidied_address_stays_so(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)


@given(st.lists(NUMBERS, min_size=4, max_size=4), st.lists(st.text(" \t", max_size=2), min_size=8, max_size=8))
def test_spaces_in_an_address_do_not_matter(numbers: list[int], spaces: list[str]) -> None:
    pairs = iter(spaces)
    assert tidy("/".join(f"{next(pairs)}{number}{next(pairs)}" for number in numbers)) == "/".join(map(str, numbers))


@given(st.lists(st.sampled_from(ALL_UNITS), min_size=1), st.randoms())
def test_units_come_back_from_their_names(chosen: list[tuple[str, int]], random) -> None:
    names = [f"{layer}/{channel}" for layer, channel in chosen]
    random.shuffle(names)
    selected = select_units(LAYERS, ",".join(names))
    assert [name for units in selected for name in units.names] == [
        f"{layer}/{channel}" for layer, channel in ALL_UNITS if (layer, channel) in set(chosen)
    ]


@given(st.one_of(ANY_TEXT, NEARLY_ADDRESSES))
@example("4/2/6/" + "9" * 5_000)
@example("," * 10_000)
@example("4/2/6/1," * 2_000)  # too long to be the path of a file
@example("\0")
def test_a_choice_of_units_is_some_units_or_a_usage_error(text: str) -> None:
    try:
        selected = select_units(LAYERS, named_units(text))
    except UsageError as error:
        assert "\n" not in str(error)
    else:
        assert all(isinstance(units, LayerUnits) and max(units.channels) < 3 for units in selected)


@given(st.one_of(ANY_TEXT, NEARLY_ADDRESSES))
def test_a_choice_of_layers_or_a_bottleneck_is_one_or_a_usage_error(text: str) -> None:
    for choose in (lambda text: select_layers(LAYERS, text), output_layer):
        try:
            assert choose(text)
        except UsageError as error:
            assert "\n" not in str(error)


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=12)


@REUSED_FOLDER
@given(words=st.lists(WORDS, min_size=1, unique=True))
def test_a_word_list_is_read_as_it_was_written(tmp_path: Path, words: list[str]) -> None:
    path = tmp_path / "words.txt"
    path.write_text("\n".join(words), encoding="utf-8-sig")
    assert read_list(path) == words


@REUSED_FOLDER
@given(content=st.binary(max_size=200))
def test_any_bytes_are_a_word_list_or_an_input_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "words.txt"
    path.write_bytes(content)
    try:
        words = read_list(path)
    except InputError:
        return
    assert words and len(set(words)) == len(words) and all(word == word.strip() != "" for word in words)


@given(ANY_TEXT)
@example("\0")
@example("x" * 300)
def test_a_path_of_a_word_list_may_be_anything(text: str) -> None:
    with pytest.raises(InputError):
        read_list(Path("/nowhere") / text)


@given(ANY_TEXT)
@example("\ud800")
@example("\r\n\t\0")
def test_a_text_is_drawn_or_has_a_problem(text: str) -> None:
    if problem(text, RASTER) is None:
        assert rasterise([text], RASTER).shape == (1, 64, 64)


@given(ANY_TEXT)
def test_a_device_and_a_precision_are_known_or_a_usage_error(text: str) -> None:
    for asked in ((text, "float32"), ("cpu", text), (f"cuda:{text}", "bf16")):
        try:
            assert arithmetic(*asked).device
        except UsageError as error:
            assert "\n" not in str(error)


@given(st.one_of(ANY_TEXT, st.text("{}0123456789.,x", max_size=20)).filter(lambda text: text.strip()))
@example("{0..999999999}")
@example("{a,b}" * 3)
@example("x" * 5_000)
def test_a_source_of_pictures_is_there_or_an_input_error(text: str) -> None:
    with pytest.raises((InputError, UsageError)):
        list(items(f"nowhere/{text}"))


@settings(REUSED_FOLDER, max_examples=50)
@given(sql=st.one_of(ANY_TEXT, st.text(string.printable, max_size=40)))
@example("select 1\0")
def test_any_text_is_a_query_or_one_of_our_errors(small_warehouse: Path, sql: str) -> None:
    try:
        warehouse.query(sql, warehouse=small_warehouse, time_limit_s=10)
    except ClipWarehouseError as error:
        assert "\n" not in str(error)


NUMBER_OPTIONS = (
    ["ingest", "words", "--count"],
    ["ingest", "words", "--text-size"],
    ["ingest", "features", "--steps"],
    ["ingest", "features", "--size"],
    ["ingest", "words", "--pretrained", "random", "--seed"],
    ["ingest", "shares", "--top"],
    ["query", "select 1", "--limit"],
    ["difference", "cat", "--top"],
    ["dashboard", "--port"],
)


@pytest.mark.parametrize("number", [-1, 10**20])
@pytest.mark.parametrize("option", NUMBER_OPTIONS, ids=" ".join)
def test_an_impossible_number_is_a_usage_error(
    option: list[str], number: int, small_warehouse: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = small_warehouse.read_bytes()
    assert main([*option, str(number), "--warehouse", str(small_warehouse)]) == 2
    assert str(number) in capsys.readouterr().err
    assert small_warehouse.read_bytes() == before


def test_a_path_that_is_too_long_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["query", "select 1", "--warehouse", "x" * 300]) == 1
    assert "xxx: File name too long; name another path" in capsys.readouterr().err
