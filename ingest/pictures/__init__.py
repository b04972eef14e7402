"""The pictures jobs: a picture set of any size, its sketches, and pictures with a text laid over them."""
