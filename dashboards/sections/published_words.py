"""Published words of units of OpenAI's models: an answer that needs none of these models in the file."""

from __future__ import annotations

from html import escape
from typing import Any

from dashboards.markup import pictures
from dashboards.reads import questions
from dashboards.widgets import elements, notices

_LISTED = 6


def published_units(word: str) -> None:
    """The units that a word is published for, each with its other words."""
    answer = questions.answer("words/published_units", word=word)
    with elements.section("As published", "of OpenAI’s models", sql=answer.sql, rows=answer.rows):
        if answer.rows.is_empty():
            notices.note("This word is in none of the published lists; melbourne is.")
            return
        lines = "".join(_unit(row) for row in answer.rows.head(_LISTED).iter_rows(named=True))
        left_out = len(answer.rows) - _LISTED
        more = f'<p class="cw-words cw-quiet">and {left_out} more</p>' if left_out > 0 else ""
        elements.markup(f'<ol class="cw-published">{lines}</ol>{more}')


def _unit(row: dict[str, Any]) -> str:
    words = ", ".join(pictures.word(each["word"], each["is_explicit"]) for each in row["words"])
    return (
        f"<li><b>{escape(row['model_name'])} {escape(row['unit_name'])}</b><small>place {row['word_rank']}</small>"
        f"<span>{words}</span></li>"
    )
