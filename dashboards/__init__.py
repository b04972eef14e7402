"""The pages: a Streamlit entry (app.py), file pages (app_pages/), cached reads and the elements that pages share."""
