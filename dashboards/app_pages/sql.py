"""SQL: any statement that only reads, on the locked-down connection, beside the schema and its comments."""

from __future__ import annotations

from html import escape

import polars as pl
import streamlit as st

from dashboards.markup import chips, numbers
from dashboards.markup.links import address
from dashboards.reads import naming, questions, typed_sql, warehouse_file
from dashboards.reads.typed_sql import Answered, Asked
from dashboards.widgets import answers, elements, notices, tables
from warehouse.schema import SQL
from warehouse.wording import number_of

FIRST = "from run_details"

_LIMITS_S = (5, 30, 120)
_EDITOR_PX = 170
_ROWS_SHOWN = 300
_RESULT_PX = 420
_SCHEMA_PX = 720
_DOWNLOADS_PX = 122
_KINDS = {"view": "Views", "macro": "Macros", "table": "Tables"}


def _examples() -> dict[str, str]:
    """Question -> statement, from sql/examples/."""
    texts = [path.read_text(encoding="utf-8") for path in sorted((SQL / "examples").glob("*.sql"))]
    return {text.splitlines()[0].removeprefix("--").strip(): text.strip() for text in texts}


def _take_example() -> None:
    if chosen := st.session_state["sql example"]:
        st.session_state["sql"] = _examples()[chosen]


def _editor() -> tuple[Asked, bool]:
    """The statement, its limit, and whether the reader runs it again."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.selectbox(
            "Examples",
            list(_examples()),
            index=None,
            placeholder="an example question",
            key="sql example",
            on_change=_take_example,
            label_visibility="collapsed",
        )
        st.html('<span class="cw-note cw-label">stop after</span>', width="content")
        limit_s = st.selectbox(
            "Stop after",
            _LIMITS_S,
            index=1,
            format_func=lambda seconds: f"{seconds} s",
            key="stop",
            bind="query-params",
            label_visibility="collapsed",
            width=90,
        )
        again = st.button("Run", type="primary", help="Ctrl+Enter in the editor runs it too")
    sql = st.text_area(
        "Statement", FIRST, key="sql", height=_EDITOR_PX, bind="query-params", label_visibility="collapsed"
    )
    return Asked(sql or "", float(limit_s)), again


def _answer(asked: Asked, again: bool) -> Answered:
    """The last answer, or a new one if the statement or its limit has changed or is run again."""
    kept: Answered | None = st.session_state.get("sql answer")
    if kept is None or kept.asked != asked or again:
        with st.spinner(f"asking; stopped after {asked.limit_s:g} s", show_time=True):
            kept = typed_sql.ask(asked)
        st.session_state["sql answer"] = kept
    return kept


def _result(answered: Answered) -> None:
    if answered.rows is None:
        notices.refused(answered.error)
        return
    rows = answered.rows
    if not st.session_state.get("reveals_explicit"):
        rows = answers.hidden(rows, questions.answer("every_page/explicit_words").rows["stimulus_text"].to_list())
    kind = _bar(answered, rows)
    if rows.is_empty():
        notices.note("No rows. Views show the newest complete run of each job; all_runs.VIEW shows older ones, too.")
    elif kind == "table":
        first = rows.head(_ROWS_SHOWN)
        columns = answers.columns(first, naming.names_in(first))
        tables.table(first, columns, label="Answer", most_px=_RESULT_PX, is_narrow=True)
    else:
        _chart(rows, kind)


def _bar(answered: Answered, rows: pl.DataFrame) -> str:
    """How many rows in how long, the choice of table or chart, the downloads."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.html(f'<span class="cw-note">{escape(_summary(answered, rows))}</span>')
        drawable = any(dtype.is_numeric() for dtype in rows.dtypes) and len(rows) > 0
        kinds = ("table", *(answers.CHARTS if drawable else ()))
        kind = st.segmented_control(
            "Show as",
            kinds,
            default="table",
            required=True,
            key="chart",
            bind="query-params",
            label_visibility="collapsed",
        )
        with st.container(width=_DOWNLOADS_PX):
            tables.downloads("answer", rows)
    return kind if kind in kinds else "table"


def _summary(answered: Answered, rows: pl.DataFrame) -> str:
    said = [f"{number_of(len(rows), 'row')} in {answered.took_s:.2f} s"]
    if answered.is_cut:
        said.append("the first ones only")
    elif len(rows) > _ROWS_SHOWN:
        said.append(f"{_ROWS_SHOWN} shown")
    if answered.seen != warehouse_file.version(warehouse_file.path()):
        said.append("the file has changed since")
    return " · ".join(said)


def _chart(rows: pl.DataFrame, kind: str) -> None:
    across, upwards = answers.axes(rows, kind)
    numbers = [name for name, dtype in rows.schema.items() if dtype.is_numeric()]
    left, right = st.columns(2, gap="small")
    drawable = [name for name, dtype in rows.schema.items() if not dtype.is_nested() and dtype != pl.Binary]
    choices = numbers if kind == "histogram" else drawable
    across = left.selectbox("Across", choices, index=choices.index(across), key=f"across {kind} {rows.columns}")
    if kind != "histogram":
        upwards = right.selectbox("Upwards", numbers, index=numbers.index(upwards), key=f"up {kind} {rows.columns}")
    else:
        upwards = across
    st.altair_chart(answers.chart(rows, kind, across, upwards), width="stretch")


@st.fragment
def _schema(relations: pl.DataFrame, columns: pl.DataFrame) -> None:
    """Relations with their columns and comments, each in a fold of its own, filtered while the reader types."""
    wanted = st.text_input(
        "Find", placeholder="find a table, view, macro or column", key="find", label_visibility="collapsed", live=True
    )
    by_relation = columns.partition_by("table_name", as_dict=True)
    parts = []
    for kind, heading in _KINDS.items():
        found = [
            _relation(row, by_relation.get((row["relation_name"],)), wanted or "")
            for row in relations.filter(relation_kind=kind).iter_rows(named=True)
        ]
        if any(found):
            parts.append(f"<h3>{heading}</h3>{''.join(found)}")
    body = "".join(parts) or '<p class="cw-words cw-quiet">Nothing has that name.</p>'
    st.html(f'<div class="cw-schema" style="max-height:{_SCHEMA_PX}px">{body}</div>')


def _relation(row: dict[str, object], columns: pl.DataFrame | None, wanted: str) -> str:
    """One relation as a fold; empty when neither its name nor a column's has the wanted letters."""
    name, wanted = str(row["relation_name"]), wanted.strip().lower()
    held = [] if columns is None else columns.select("column_name", "data_type", "comment").rows()
    hits = [column for column in held if wanted and wanted in column[0].lower()]
    if wanted and wanted not in name.lower() and not hits:
        return ""
    called = f"{name}({row['parameters']})" if row["parameters"] is not None else name
    count = numbers.text(row["row_count"]) if row["relation_kind"] == "table" else ""
    listed = "".join(
        f'<dt>{escape(column)}<span class="cw-note">{escape(kind.lower())}</span></dt><dd>{escape(comment or "")}</dd>'
        for column, kind, comment in (hits or held)
    )
    link = "" if row["parameters"] is not None else chips.link(address("sql", sql=f"from {name} limit 100"), "rows")
    return (
        f"<details{' open' if hits else ''}><summary><code>{escape(called)}</code>"
        f'<span class="cw-note">{count}</span></summary>'
        f"<p>{escape(str(row['description'] or ''))} {link}</p><dl>{listed}</dl></details>"
    )


elements.page_head("SQL", "Ask the file any question.", "one statement · read-only · no files, extensions or settings")
left, right = st.columns([7, 3], gap="medium")
relations, columns = questions.answer("sql/relations"), questions.answer("sql/columns")
with right, elements.section("What there is", sql=f"{relations.sql};\n\n{columns.sql}"):
    _schema(relations.rows, columns.rows)
with left:
    asked, again = _editor()
    _result(_answer(asked, again))
