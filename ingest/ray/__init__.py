"""Shards in the workers of a Ray cluster."""
