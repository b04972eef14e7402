"""Ray's workers forked from one process that has imported the large libraries, instead of importing them each.

Ray starts a worker by a command; the command of `warm` asks the server, which `serving` starts, to run it in a fork.
What Ray gives a worker (arguments, environment, folder, output) it has, and it ends and is killed like any other.
"""

from __future__ import annotations

import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

# Not ray itself, which does not work in a fork, and not our own modules (see begun.py).
_PRELOADED = ("torch", "open_clip", "numba.np.arraymath", "duckdb", "polars", "pyarrow.parquet", "wordfreq")
_MOST_BYTES = 1 << 20
_LOOK_UP_S = 5.0


@contextmanager
def serving() -> Iterator[str]:
    """The command that stands for Python, as `py_executable` of Ray's runtime environment."""
    with tempfile.TemporaryDirectory() as folder:
        address = str(Path(folder) / "server")
        server = subprocess.Popen([sys.executable, __file__, "serve", address], stdout=subprocess.PIPE)
        assert server.stdout is not None
        server.stdout.readline()  # it listens
        try:
            yield f"{sys.executable} -S -E {__file__} ask {address}"
        finally:
            server.terminate()
            server.wait()
            server.stdout.close()


def _serve(address: str) -> None:
    parent = os.getppid()
    for name in _PRELOADED:
        __import__(name)
    signal.signal(signal.SIGCHLD, lambda *_: _reap())
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
        listening.bind(address)
        listening.listen(64)
        print("listening", flush=True)
        os.dup2(2, 1)
        listening.settimeout(_LOOK_UP_S)
        while os.getppid() == parent:  # tests that were killed leave no server behind
            try:
                asking, _ = listening.accept()
            except TimeoutError:
                continue
            text, descriptors, _, _ = socket.recv_fds(asking, _MOST_BYTES, 3)
            if os.fork() == 0:
                listening.close()
                _become(asking, json.loads(text), descriptors)
            for descriptor in descriptors:
                os.close(descriptor)
            asking.close()


def _reap() -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _become(asking: socket.socket, program: dict[str, Any], descriptors: list[int]) -> None:
    """Run the program that was asked for; who asked sees its end by the socket, which closes with the process."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for place, descriptor in enumerate(descriptors):
        os.dup2(descriptor, place)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(program["environment"])
    os.chdir(program["folder"])
    sys.argv = program["arguments"]
    sys.path[0] = str(Path(sys.argv[0]).parent)
    asking.send(str(os.getpid()).encode())
    code = 1
    try:
        runpy.run_path(sys.argv[0], run_name="__main__")
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    finally:
        os._exit(code)


def _ask(address: str, arguments: list[str]) -> None:
    program = {
        "arguments": [argument for argument in arguments if argument != "-u"],
        "environment": dict(os.environ),
        "folder": os.getcwd(),  # noqa: PTH109
    }
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as server:
        server.connect(address)
        socket.send_fds(server, [json.dumps(program).encode()], [0, 1, 2])
        pid = int(server.recv(32))
        signal.signal(signal.SIGTERM, lambda number, _: os.kill(pid, number))
        server.recv(1)  # nothing comes: it has ended


if __name__ == "__main__":
    _serve(sys.argv[2]) if sys.argv[1] == "serve" else _ask(sys.argv[2], sys.argv[3:])
