"""Files of units as people have them: lists, tables with an index, what a query writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.network.unit_selection import named_units
from warehouse.errors import InputError


@pytest.mark.parametrize(
    "content",
    [
        "4/2/6/34\n4/2/6/2\n",
        "\ufeff4/2/6/34\r\n4/2/6/2\r\n",
        "4/2/6/34, 4/2/6/2",
        "4/2/6/34 4/2/6/2",
        '"unit_name"\n"4/2/6/34"\n"4/2/6/2"\n',
        "unit_rank,unit_name,activation\n1,4/2/6/34,0.2\n2,4/2/6/2,0.1\n",
        ",unit\n0,4/2/6/34\n1,4/2/6/2\n",
        "'4/2/6/34'\n\"4/2/6/2\"\n",
        "rank\tUnit_Name\n1\t4/2/6/34\n2\t4/2/6/2\n",
        "word;unit\n3d;4/2/6/34\n4x;4/2/6/2\n",
    ],
)
def test_the_units_of_a_file(tmp_path: Path, content: str) -> None:
    (tmp_path / "units").write_text(content)
    assert named_units(str(tmp_path / "units")) == "4/2/6/34,4/2/6/2"


@pytest.mark.parametrize("content", ["", "unit_name\n", "hello\nworld\n", "\0" * 10])
def test_a_file_without_units_is_reported(tmp_path: Path, content: str) -> None:
    (tmp_path / "units").write_text(content)
    with pytest.raises(InputError):
        named_units(str(tmp_path / "units"))


def test_what_is_not_a_file_is_the_addresses_themselves() -> None:
    assert named_units("4/2/6,4/1/6/3") == "4/2/6,4/1/6/3"
