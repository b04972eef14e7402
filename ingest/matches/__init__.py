"""The matches job: which units of two models answer to the same pictures."""
