"""The command line with RN50 made narrow: `python narrow_command.py CONFIG reproduce --quick ...`, for tests.

What is a user's own stays so: the process, the environment, the hub's client, the files. Only sizes and pauses are cut.
"""

from __future__ import annotations

import sys
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


if __name__ == "__main__":
    from clip_warehouse import main

    cut_sizes(sys.argv[1])
    sys.exit(main(sys.argv[2:]))
