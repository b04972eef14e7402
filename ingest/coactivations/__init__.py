"""The coactivations job: how active lower units are when an upper unit is on, from stored activations."""
