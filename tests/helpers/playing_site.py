"""A web site on this machine, for tests: it answers each path as a test tells it to, and counts who asks."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Answer:
    """One response. `length` lies about the body's length; `chunk_pause_s` lies between single bytes of the body.

    A ranged one gives the part that is asked for; `at_half` is called when half of the body is sent, and ends it there.
    is_dropped: the connection is closed without a word, as by a site that is not there.
    """

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    chunk_pause_s: float = 0.0
    is_ranged: bool = False
    at_half: Callable[[], None] | None = None
    is_dropped: bool = False


class Site:
    """Answers by a function of path and the number of times that it was asked before."""

    def __init__(self, answer: Callable[[str, int], Answer]) -> None:
        self.asked: Counter[str] = Counter()
        self.ranges: list[tuple[str, str]] = []
        self._answer = answer
        self._stopped = threading.Event()
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.play(self)

            def do_HEAD(self) -> None:
                site.play(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def play(self, handler: BaseHTTPRequestHandler) -> None:
        before = self.asked[handler.path]
        self.asked[handler.path] += handler.command == "GET"
        answer = self._answer(handler.path, before)
        if answer.is_ranged and (asked := handler.headers["Range"]):
            answer = self._part(answer, handler.path, asked)
        if answer.is_dropped:
            handler.close_connection = True
            return
        handler.send_response(answer.status)
        for name, value in answer.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(answer.body) if answer.length is None else answer.length))
        handler.end_headers()
        if handler.command == "HEAD":
            return
        if answer.at_half:
            handler.wfile.write(answer.body[: len(answer.body) // 2])
            handler.wfile.flush()
            answer.at_half()
            handler.close_connection = True
            return
        with suppress(ConnectionError):  # who asked may have no patience
            self._send(handler, answer)
        if answer.length is not None:
            handler.close_connection = True

    def _send(self, handler: BaseHTTPRequestHandler, answer: Answer) -> None:
        step = 1 if answer.chunk_pause_s else max(1, len(answer.body))
        for start in range(0, len(answer.body), step):
            if self._stopped.wait(answer.chunk_pause_s):
                break
            handler.wfile.write(answer.body[start : start + step])
            handler.wfile.flush()

    def _part(self, answer: Answer, path: str, asked: str) -> Answer:
        """The rest of the body from where `bytes=START-` begins."""
        self.ranges.append((path, asked))
        start, size = int(asked.removeprefix("bytes=").partition("-")[0]), len(answer.body)
        said = {**answer.headers, "Content-Range": f"bytes {start}-{size - 1}/{size}"}
        return replace(answer, status=206, headers=said, body=answer.body[start:])

    @contextmanager
    def open(self) -> Iterator[Site]:
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            self._stopped.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join()


@contextmanager
def playing(answer: Callable[[str, int], Answer]) -> Iterator[Site]:
    with Site(answer).open() as site:
        yield site
