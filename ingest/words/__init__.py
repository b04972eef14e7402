"""The words job: every word as a picture, and how each unit answers to it."""
