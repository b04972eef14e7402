"""The verbs that need a model, a file each; those of `clip-warehouse ingest` lie in jobs/."""
