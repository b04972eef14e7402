"""Unit: what it is, where it comes from, what it feeds."""

from dashboards import chips, elements

elements.page_head("Unit", "What it is, where it comes from, what it feeds.")
elements.markup(chips.unit("4/2/6/2") + chips.unit("4/2/6/3"))
