"""Decoding pictures as CLIP's own preprocessing does, in processes that import no torch; hostile files are refused.

The geometry is open_clip's image_transform: bicubic to the shortest side, centre crop, RGB. Where that leaves a choice:
the EXIF orientation is followed; transparency becomes white; 16-bit grey is scaled to 8 bits; an animation shows its
first frame; the content decides the format, not the file's name.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from ingest.runs.shortages import shortage
from ingest.stimuli.picture_kinds import BEGINNING_BYTES, begins_as_picture
from ingest.stimuli.picture_sources import read_picture
from warehouse.errors import CannotWrite, MachineFault, SiteGone

# No format that starts a program (EPS) or holds other files (ICO, PSD, FPX).
_FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "JPEG2000", "AVIF", "TGA")
_GONE_BEFORE = "it could not be read when the set was"
_SIXTEEN_BIT = ("I;16", "I;16B", "I;16L", "I;16N", "I")
PIXEL_LIMIT = 89_478_485  # Pillow's own: 256 MB as RGB
Wanted = tuple[str | bytes, str]  # a picture by its address, or by its very bytes; and the SHA-256 expected there


@dataclass(frozen=True)
class DecodingSettings:
    """How a picture is decoded; with thumbnail_px 0 there is no thumbnail."""

    image_size_px: int
    thumbnail_px: int = 0
    pixel_limit: int = PIXEL_LIMIT


@dataclass(frozen=True)
class Decoded:
    """A picture as the model sees it, [S, S, 3] in 0..255, its own size and thumbnail; or why there is none.

    is_gone: the bytes that are wanted are not there now. is_unanswered: their site does not answer now, and may later.
    """

    pixels: NDArray[np.uint8] | None = None
    width_px: int | None = None
    height_px: int | None = None
    thumbnail: bytes | None = None
    error_message: str | None = None
    is_gone: bool = False
    is_unanswered: bool = False


@dataclass(frozen=True)
class Hashed:
    """SHA-256 of a picture's bytes; if they are not available, of its address, with the reason.

    is_unanswered: its site does not answer now, and may later. is_picture: whether the bytes begin as a picture's do.
    """

    content_sha256: str
    error_message: str | None = None
    is_unanswered: bool = False
    is_picture: bool = False


class _BadPicture(Exception):
    pass


def decode_all(wanted: Sequence[Wanted], settings: DecodingSettings) -> list[Decoded]:
    """Read and decode pictures; no content of theirs raises. Raises MachineFault, CannotWrite (a full cache)."""
    return [_decoded(place, expected, settings) for place, expected in wanted]


def hash_all(uris: Sequence[str], _: object = None) -> list[Hashed]:
    """Raises MachineFault, CannotWrite."""
    return [_hashed(uri) for uri in uris]


def decode(content: bytes, settings: DecodingSettings) -> Decoded:
    """One picture; one that cannot be shown has an error_message instead of pixels. Raises MachineFault."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _seen(content, settings)
    except _BadPicture as error:
        return Decoded(error_message=str(error))
    except Image.DecompressionBombError as error:  # Pillow refuses from the header what is twice its own limit
        return Decoded(error_message=f"too large: {_one_line(error)}")
    except Exception as error:  # Pillow's plugins raise a dozen kinds on broken files
        if lacking := shortage(error):
            raise MachineFault("cannot decode a picture", lacking) from error
        return Decoded(error_message=_one_line(error))


def square(picture: Image.Image, size: int) -> Image.Image:
    """open_clip's (torchvision's) Resize to the shortest side, bicubic, then CenterCrop."""
    width, height = _resized(picture.size, size)
    left, top = round((width - size) / 2.0), round((height - size) / 2.0)
    return picture.resize((width, height), Image.Resampling.BICUBIC).crop((left, top, left + size, top + size))


def unreadable(uri: str, reason: str) -> Hashed:
    return Hashed(hashlib.sha256(f"unreadable {uri}".encode()).hexdigest(), reason)


def thumbnail_of(picture: Image.Image, size: int) -> bytes:
    """A square picture as WebP of at most size px.

    One that is at least twice as large is averaged over whole pixels first: from 224 to 112 px that is all of it, and
    takes a fifth of the time.
    """
    if picture.width > size:
        picture = picture.resize((size, size), Image.Resampling.BICUBIC, reducing_gap=1.0)
    file = BytesIO()
    picture.save(file, "WEBP", quality=80, method=2)
    return file.getvalue()


def _decoded(place: str | bytes, expected: str, settings: DecodingSettings) -> Decoded:
    if isinstance(place, bytes):
        return decode(place, settings)
    if expected == unreadable(place, "").content_sha256:
        return Decoded(error_message=_GONE_BEFORE)
    content = _read(place)
    if isinstance(content, _Unread):
        return Decoded(error_message=content.reason, is_gone=True, is_unanswered=content.is_unanswered)
    if hashlib.sha256(content).hexdigest() != expected:
        return Decoded(error_message="it was changed", is_gone=True)
    try:
        return decode(content, settings)
    except MachineFault as error:
        raise MachineFault(f"cannot decode {place}", shortage(error)) from error


def _hashed(uri: str) -> Hashed:
    content = _read(uri)
    if isinstance(content, _Unread):
        return replace(unreadable(uri, content.reason), is_unanswered=content.is_unanswered)
    is_picture = begins_as_picture(content[:BEGINNING_BYTES]) or uri.lower().endswith(".tga")
    return Hashed(hashlib.sha256(content).hexdigest(), is_picture=is_picture)


@dataclass(frozen=True)
class _Unread:
    reason: str
    is_unanswered: bool


def _read(uri: str) -> bytes | _Unread:
    try:
        return read_picture(uri)
    except CannotWrite:  # no fault of the picture: the cache has no room
        raise
    except Exception as error:  # zipfile, tarfile, pyarrow and requests raise their own
        is_unanswered = isinstance(error, SiteGone)
        if lacking := shortage(error, of_a_file="://" not in uri):
            raise MachineFault(f"cannot read {uri}", lacking, "mend that") from error
        return _Unread(error.reason if isinstance(error, SiteGone) else _one_line(error), is_unanswered)


def _seen(content: bytes, settings: DecodingSettings) -> Decoded:
    if not content:
        raise _BadPicture("the file is empty")
    with Image.open(BytesIO(content), formats=_known_formats()) as opened:
        _require_small(opened.size, settings)
        picture = _rgb(ImageOps.exif_transpose(opened))
    seen = square(picture, settings.image_size_px)
    thumbnail = None
    if settings.thumbnail_px:
        side = min(settings.thumbnail_px, max(min(picture.size), settings.image_size_px))
        thumbnail = thumbnail_of(seen if side <= seen.width else square(picture, side), settings.thumbnail_px)
    return Decoded(np.asarray(seen), picture.width, picture.height, thumbnail)


@cache
def _known_formats() -> tuple[str, ...]:
    """Our formats that this build of Pillow supports."""
    Image.init()
    return tuple(name for name in _FORMATS if name in Image.OPEN)


def _require_small(size: tuple[int, int], settings: DecodingSettings) -> None:
    """From the header alone, before decoding: the picture's own size, and that of a thin one after resizing."""
    for width, height in (size, _resized(size, max(settings.image_size_px, settings.thumbnail_px))):
        if width * height > settings.pixel_limit:
            raise _BadPicture(f"{size[0]} x {size[1]} px is too large (limit {settings.pixel_limit:,} pixels)")


def _resized(size: tuple[int, int], shortest: int) -> tuple[int, int]:
    width, height = size
    if width <= height:
        return shortest, int(shortest * height / width)
    return int(shortest * width / height), shortest


def _rgb(picture: Image.Image) -> Image.Image:
    if picture.mode in _SIXTEEN_BIT:
        grey = np.asarray(picture).astype(np.int64).clip(0, 65_535)
        return Image.fromarray(((grey + 128) // 257).astype(np.uint8)).convert("RGB")
    if picture.mode == "F":
        raise _BadPicture("floating-point pixels have no agreed range: save it with 8 or 16 bits")
    if picture.has_transparency_data:
        shown = picture.convert("RGBA")
        white = Image.new("RGBA", shown.size, "white")
        return Image.alpha_composite(white, shown).convert("RGB")
    return picture if picture.mode == "RGB" else picture.convert("RGB")  # which would copy it


def _one_line(error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "no picture that can be read (" + ", ".join(_FORMATS) + ")"
    reason = getattr(error, "strerror", None) or " ".join(str(error).split())
    return (reason or type(error).__name__)[:300]
