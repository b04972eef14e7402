"""The pages: an entry (app.py), a file a page (app_pages/), and the rooms that they draw on, lowest first: markup,
reads, widgets, sections. report/ is a page of its own, written to a file."""
