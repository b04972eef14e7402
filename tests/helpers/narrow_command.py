"""The command line with RN50 made narrow, for tests.

Process, environment, the hub's client and files are those of a user. Only sizes and pauses are smaller.
"""

from __future__ import annotations

from functools import partial


def cut_sizes(config: str) -> None:
    import open_clip

    from ingest.article import reproduction
    from ingest.stimuli import downloads

    open_clip.add_model_config(config)
    reproduction._QUICK_WORDS = 20
    reproduction._FEW_PAIRS = 0  # so that the subset of a wide model is taken
    reproduction._QUICK_SAMPLE = 2
    reproduction.QUICK_STEPS = 2
    downloads.Limits = partial(downloads.Limits, attempts=2, backoff_s=0.01, pause_s=0)
