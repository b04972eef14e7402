"""The 10,000 common words, a list of one's own, and which words are explicit."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.stimuli.word_list import common_words, is_explicit, is_word
from warehouse.errors import InputError, UsageError
from warehouse.lists import read_list


def test_ten_thousand_words_and_nothing_else() -> None:
    words = common_words(10_000)
    assert len(words) == len(set(words)) == 10_000
    assert words[:5] == ["the", "to", "and", "of", "a"]
    assert all(map(is_word, words))
    assert {"coffee", "hat", "don't"} <= set(words)


@pytest.mark.parametrize("text", ["hat", "don't", "a", "i", "café"])
def test_words(text: str) -> None:
    assert is_word(text)


@pytest.mark.parametrize(
    "text", ["b", "'s", "o'", "2", "covid19", "🙂", "шляпа", "帽", "-", "", "two words", "a-b", "''", "x''y"]
)
def test_no_words(text: str) -> None:
    assert not is_word(text)


@pytest.mark.parametrize("count", [0, -3, 10_000_000])
def test_an_impossible_count_is_a_usage_error(count: int) -> None:
    with pytest.raises(UsageError, match=f"--count {count}"):
        common_words(count)


def test_a_list_of_ones_own_keeps_order_and_drops_repeats_and_blanks(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("\ufeffhat\r\n\r\n  cap \nhat\ntwo words\n", encoding="utf-8")
    assert read_list(path) == ["hat", "cap", "two words"]


def test_a_list_may_be_utf_16_as_windows_saves_it(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes("hat\r\ncafé\r\n".encode("utf-16"))
    assert read_list(path) == ["hat", "café"]


@pytest.mark.parametrize("content", [b"", b"\n \n", b"caf\xe9", b"\xff\xfeh", None])
def test_a_list_that_cannot_be_read_is_an_input_error(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"list\.txt"):
        read_list(path)


def test_explicit_words_are_marked_with_their_endings_and_inside_a_text() -> None:
    assert all(map(is_explicit, ["shit", "Shit", "fucked", "fucks", "asses", "what a shit day"]))
    assert not any(map(is_explicit, ["hat", "class", "assistant", "shitake soup", "scunthorpe"]))
