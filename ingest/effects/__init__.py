"""The effects job: what replacing a lower unit does to upper ones, as predicted and in the real network."""
