"""What all jobs share: the run loop, its progress, worker processes, showing batches to a model."""
