"""Lists written by hand: a text file, one entry a line."""

from __future__ import annotations

from pathlib import Path

from warehouse.errors import InputError


def read_text(path: Path) -> str:
    """Text in UTF-8, or in UTF-16 with a byte order mark, as editors on Windows save it.

    Raises OSError and UnicodeDecodeError.
    """
    content = path.read_bytes()
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    return content.decode(encoding)


def read_list(path: Path) -> list[str]:
    """The texts of a file, one per line, in order, each once; blank lines are skipped. Raises InputError."""
    try:
        lines = read_text(path).splitlines()
    except OSError as error:
        raise InputError(f"cannot read the list {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"the list {path} is not UTF-8 text (byte {error.start}): save it as UTF-8") from error
    except ValueError as error:
        raise InputError(f"cannot read the list {str(path)!r}: {error}") from error
    entries = list(dict.fromkeys(line.strip() for line in lines if line.strip()))
    if not entries:
        raise InputError(f"the list {path} is empty: write one entry a line")
    return entries
