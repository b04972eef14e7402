"""Residual shares: how much of a unit's output comes from the shortcut, ours and the published ones."""
