"""Which files are pictures, by name or first bytes, and how names that are not UTF-8 are written.

Suffixes tell pictures from other files (statistics, embeddings, captions); a file with an unknown suffix is a picture
if it begins like one.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

_ENDINGS = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".png", ".apng", ".webp", ".gif", ".bmp", ".dib", ".tif", ".tiff"),
    *(".ppm", ".pgm", ".pbm", ".pnm", ".jp2", ".j2k", ".jpx", ".jpc", ".avif", ".heic", ".heif", ".tga", ".mpo"),
)
_BEGINNINGS = (
    *(b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*", b"\xff\x4f\xff\x51", b"BM"),
    *(b"P%d" % kind for kind in range(1, 7)),
)
_BOXES = (b"ftypavif", b"ftypavis", b"jP  \r\n\x87\n")
BEGINNING_BYTES = 16
_LOST = re.compile("[\udc80-\udcff]")
_WRITTEN = re.compile("%([89A-F][0-9A-F])")


def has_picture_ending(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in _ENDINGS


def begins_as_picture(beginning: bytes) -> bool:
    """Whether a file's first BEGINNING_BYTES are a picture's that can be decoded; a Targa file has no such bytes."""
    is_webp = beginning[:4] == b"RIFF" and beginning[8:12] == b"WEBP"
    return is_webp or beginning.startswith(_BEGINNINGS) or beginning[4:].startswith(_BOXES)


def readable_name(name: str) -> str:
    """A file's name as text: bytes that are not UTF-8 are written %E9, as in an address."""
    return _LOST.sub(lambda lost: f"%{ord(lost.group()) - 0xDC00:02X}", name)


def own_name(name: str) -> str:
    """The file system's name for one that `readable_name` wrote."""
    return _WRITTEN.sub(lambda code: chr(0xDC00 + int(code.group(1), 16)), name)
