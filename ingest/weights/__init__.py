"""The weights job: expanded weights of all pairs of units, and the statistics of each unit's contributions."""
