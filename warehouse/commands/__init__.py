"""The verbs that need no model, a file each; `verb` says what a verb is."""
