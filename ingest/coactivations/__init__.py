"""The coactivations job: how much of a lower unit is there when an upper one is on, from stored activations."""
