"""A picture's graph: what each unit on the way adds to one answer, with the picture's gates and attention frozen."""
