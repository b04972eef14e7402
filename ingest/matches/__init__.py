"""The matches job: which units of two models respond to the same pictures."""
