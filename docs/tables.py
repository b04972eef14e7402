"""Writes docs/commands.md and docs/relations.md from what they describe: `make docs`. A test holds them to it."""

from __future__ import annotations

import re
import sys
from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Iterator
from pathlib import Path

DOCS = Path(__file__).parent
SQL = DOCS.parent / "sql"
sys.path.insert(0, str(DOCS.parent))
_MACRO = re.compile(r"create or replace macro (\w+)\s*\(([^)]*)\)", re.IGNORECASE)


def commands(parser: ArgumentParser) -> str:
    """Every command with its options."""
    found = list(_verbs(parser, "clip-warehouse"))
    lines = [
        "# Commands",
        "",
        "Written by `make docs` from the command line's own help. Every command has `--warehouse FILE`; without it, "
        "the environment variable `CLIP_WAREHOUSE` names the file, then it is `warehouse.duckdb`. Exit codes: 0 good, "
        "1 the file or an input is at fault (one line says what to do), 2 usage.",
        "",
        "| command | what it does |",
        "| --- | --- |",
        *(f"| [`{name}`](#{_anchor(name)}) | {_cell(verb.description or '')} |" for name, verb in found),
    ]
    for name, verb in found:
        rows = [row for row in _options(verb) if not row.startswith("| `--warehouse")]
        lines += ["", f"## {name}", "", verb.description or ""]
        lines += ["", "| argument | meaning |", "| --- | --- |", *rows] if rows else []
    return "\n".join(lines) + "\n"


def relations() -> str:
    """Every table, view and macro, with the question that it answers and its grain."""
    lines = [
        "# Relations",
        "",
        "Written by `make docs` from the files of `sql/`, one per relation. Columns and their comments: "
        '`clip-warehouse query "describe unit_top_words"`, or `select column_name, comment from duckdb_columns() where '
        "table_name = 'unit_top_words'`. Views of schema `main` show each job's newest complete run; the same names in "
        "`all_runs` show every run.",
    ]
    for title, folder in (("Views and macros", "views"), ("Tables", "tables")):
        lines += ["", f"## {title}", "", "| relation | question | rows |", "| --- | --- | --- |"]
        lines += [_relation(file) for file in sorted((SQL / folder).glob("*.sql"))]
    return "\n".join(lines) + "\n"


def _verbs(parser: ArgumentParser, name: str) -> Iterator[tuple[str, ArgumentParser]]:
    groups = [action for action in parser._actions if isinstance(action, _SubParsersAction)]
    if not groups:
        yield name, parser
    for group in groups:
        for verb, below in group.choices.items():
            yield from _verbs(below, f"{name} {verb}")


def _options(parser: ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        if action.dest == "help":
            continue
        value = action.metavar or ("{" + ",".join(map(str, action.choices)) + "}" if action.choices else "")
        value = value or ("" if action.nargs == 0 or not action.option_strings else action.dest.upper())
        name = " ".join([", ".join(action.option_strings), str(value)]).strip() or action.dest
        help_text = (action.help or "") % {"default": action.default, "prog": parser.prog}
        yield f"| `{name}` | {_cell(help_text)} |"


def _relation(file: Path) -> str:
    text = file.read_text(encoding="utf-8")
    head = []
    for line in text.splitlines():
        if not line.startswith("--") or line.startswith("-- Source"):
            break
        head.append(line.removeprefix("--").strip())
    question, _, grain = " ".join(head).partition(" Source:")[0].partition("? ")
    macro = _MACRO.search(text)
    name = f"{file.stem}({macro[2]})" if macro else file.stem
    return f"| `{name}` | {_cell(question)}? | {_cell(grain)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _anchor(name: str) -> str:
    return name.lower().replace(" ", "-")


if __name__ == "__main__":
    from clip_warehouse import command_line

    (DOCS / "commands.md").write_text(commands(command_line()))
    (DOCS / "relations.md").write_text(relations())
