"""Open the pages in a browser."""

from __future__ import annotations

import os
import socket
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from warehouse.commands.verb import chosen_warehouse
from warehouse.errors import UsageError

_SERVER = Path(__file__).parents[1] / "server.py"


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=8501, help="port of the server (%(default)s)")
    parser.add_argument("--headless", action="store_true", help="do not open a browser")


def run(options: Namespace) -> None:
    from warehouse.connection import ENVIRONMENT_VARIABLE
    from warehouse.reading import read

    path = chosen_warehouse(options).resolve()
    read(path).close()
    _require_free_port(options.port)
    command = [sys.executable, "-m", "streamlit", "run", str(_SERVER), "--server.port", str(options.port)]
    if options.headless:
        command += ["--server.headless", "true"]
    os.chdir(_SERVER.parent)
    # The server replaces this process, so that a signal meant for the command ends the server.
    os.execve(sys.executable, command, {**os.environ, ENVIRONMENT_VARIABLE: str(path)})


def _require_free_port(port: int) -> None:
    if not 0 < port < 65_536:
        raise UsageError(f"--port {port}: take one from 1 to 65535")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("localhost", port))
        except PermissionError as error:
            raise UsageError(f"port {port} is not yours to use ({error.strerror}): take one above 1023") from error
        except OSError as error:
            raise UsageError(f"port {port} is taken ({error.strerror}): take another with --port") from error
