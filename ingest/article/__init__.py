"""The article in one command: its steps and what they cost."""
