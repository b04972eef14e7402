"""The words job: every word as a picture, and how each unit responds to it."""
