"""How messages say a number of things."""

from __future__ import annotations

import pytest

from warehouse.progress import Progress
from warehouse.wording import number_of


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 layers"), (1, "1 layer"), (2, "2 layers"), (2048, "2,048 layers"), (-1, "-1 layers")]
)
def test_one_thing_is_singular(count: int, said: str) -> None:
    assert number_of(count, "layer") == said


def test_a_plural_that_is_not_the_noun_and_an_s_is_given() -> None:
    assert number_of(1, "stimulus", "stimuli") == "1 stimulus"
    assert number_of(3, "stimulus", "stimuli") == "3 stimuli"


@pytest.mark.parametrize(("total", "said"), [(1, "of 1 picture,"), (2, "of 2 pictures,")])
def test_progress_counts_one_thing_in_the_singular(total: int, said: str, capsys: pytest.CaptureFixture) -> None:
    with Progress("job", "pictures", total) as progress:
        progress.advance(total)
    assert said in capsys.readouterr().err
