"""The parts of pages: heads, sections, tables, notices, links, drawings."""
