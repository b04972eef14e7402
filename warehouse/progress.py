"""Progress of long work, with rate and remaining time: a bar in a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from tqdm import tqdm

from warehouse.wording import number_of

_LINE_EVERY_S = 10.0


class Progress:
    """Shows how much of a total is done. counted: a plural in s; already: what was done before this process began."""

    def __init__(self, title: str, counted: str, total: int, already: int = 0) -> None:
        self._total, self._already, self._done, self._counted = total, already, already, counted
        self._title = title
        self._is_terminal = sys.stderr.isatty()
        self._started = self._last_line = time.monotonic()
        self._bar = tqdm(
            desc=title,
            unit=f" {counted}",
            total=total,
            initial=already,
            disable=not self._is_terminal,
            dynamic_ncols=True,
            smoothing=0.1,
        )

    def advance(self, count: int) -> None:
        self._done += count
        self._bar.update(count)
        is_due = time.monotonic() - self._last_line > _LINE_EVERY_S
        if not self._is_terminal and (is_due or self._done >= self._total):
            self._last_line = time.monotonic()
            self._print_line()

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.close()

    def _print_line(self) -> None:
        elapsed_s = time.monotonic() - self._started
        rate = (self._done - self._already) / max(elapsed_s, 1e-9)
        remaining_s = (self._total - self._done) / max(rate, 1e-9)
        print(
            f"{self._title}: {self._done:,} of {number_of(self._total, self._counted.removesuffix('s'))}, "
            f"{rate:,.0f} {self._counted}/s, {remaining_s:,.0f} s left",
            file=sys.stderr,
            flush=True,
        )
