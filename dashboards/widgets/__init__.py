"""What pages are put together from: heads, sections, tables, notices, links that are followed, drawings."""
