"""Picture files of all awkward kinds, each with the RGB picture that it shows; and files that are not pictures."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image


@dataclass(frozen=True)
class PictureFile:
    name: str
    content: bytes
    seen: Image.Image  # RGB, upright, as it must be understood; made without the code under test


def drawn(seed: int, width: int, height: int) -> np.ndarray:
    """A smooth random picture [H, W, 3]."""
    rough = np.random.default_rng(seed).integers(0, 256, (5, 7, 3), np.uint8)
    return np.asarray(Image.fromarray(rough).resize((width, height), Image.Resampling.BILINEAR))


def saved(picture: Image.Image, format_name: str, **options: object) -> bytes:
    file = BytesIO()
    picture.save(file, format_name, **options)
    return file.getvalue()


def read_back(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content)).convert("RGB")


def _plain(format_name: str, suffix: str):
    def make(seed: int, pixels: np.ndarray) -> PictureFile:
        content = saved(Image.fromarray(pixels), format_name)
        return PictureFile(f"{seed:04d}{suffix}", content, read_back(content))

    return make


def _oriented(seed: int, pixels: np.ndarray) -> PictureFile:
    """EXIF orientation, undone by hand: 2 mirrored, 3 upside down, 5 transposed, 6 and 8 turned."""
    orientation = 1 + seed % 8
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = saved(Image.fromarray(pixels), "JPEG", exif=exif.tobytes())
    stored = np.asarray(read_back(content))
    upright = {
        1: stored,
        2: stored[:, ::-1],
        3: stored[::-1, ::-1],
        4: stored[::-1],
        5: stored.swapaxes(0, 1),
        6: np.rot90(stored, -1),
        7: stored[::-1, ::-1].swapaxes(0, 1),
        8: np.rot90(stored),
    }[orientation]
    return PictureFile(f"{seed:04d}-turned.jpg", content, Image.fromarray(np.ascontiguousarray(upright)))


def _alpha(seed: int, pixels: np.ndarray) -> PictureFile:
    """Transparent where the red is weak: white must be seen there, whatever colour hides below."""
    opaque = pixels[..., 0] > 100
    layers = np.dstack([pixels, np.where(opaque, 255, 0).astype(np.uint8)])
    seen = np.where(opaque[..., None], pixels, 255).astype(np.uint8)
    return PictureFile(f"{seed:04d}-alpha.png", saved(Image.fromarray(layers), "PNG"), Image.fromarray(seen))


def _grey_alpha(seed: int, pixels: np.ndarray) -> PictureFile:
    opaque = pixels[..., 0] > 100
    layers = np.dstack([pixels[..., 1], np.where(opaque, 255, 0).astype(np.uint8)])
    seen = np.where(opaque, pixels[..., 1], 255).astype(np.uint8)
    return PictureFile(f"{seed:04d}-la.png", saved(Image.fromarray(layers, "LA"), "PNG"), _three(seen))


def _sixteen_bits(seed: int, pixels: np.ndarray) -> PictureFile:
    deep = pixels[..., 0].astype(np.uint16) * 257 + (seed % 100)
    content = saved(Image.fromarray(deep), "PNG")
    return PictureFile(f"{seed:04d}-deep.png", content, _three(np.round(deep / 257).astype(np.uint8)))


def _palette(seed: int, pixels: np.ndarray) -> PictureFile:
    """A palette whose third colour is transparent."""
    colours = np.random.default_rng(seed).integers(0, 256, (8, 3), np.uint8)
    indices = (pixels[..., 0] // 32).astype(np.uint8)
    picture = Image.fromarray(indices, "P")
    picture.putpalette(colours.tobytes())
    shown = colours.copy()
    shown[2] = 255
    return PictureFile(
        f"{seed:04d}-palette.png", saved(picture, "PNG", transparency=2), Image.fromarray(shown[indices])
    )


def _animated(seed: int, pixels: np.ndarray) -> PictureFile:
    frames = [Image.fromarray(pixels).quantize(64), Image.fromarray(255 - pixels).quantize(64)]
    content = saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=50)
    return PictureFile(f"{seed:04d}-moving.gif", content, frames[0].convert("RGB"))


def _cmyk(seed: int, pixels: np.ndarray) -> PictureFile:
    content = saved(Image.fromarray(pixels).convert("CMYK"), "JPEG")
    inks = np.asarray(Image.open(BytesIO(content))).astype(float)
    light = 255 - inks
    seen = np.asarray(read_back(content))
    assert np.abs(light[..., :3] * light[..., 3:] / 255 - seen).max() <= 1  # no inverted Adobe inks
    return PictureFile(f"{seed:04d}-cmyk.jpg", content, Image.fromarray(seen))


def _one_bit(seed: int, pixels: np.ndarray) -> PictureFile:
    dark = pixels[..., 0] > 128
    return PictureFile(
        f"{seed:04d}-bit.png", saved(Image.fromarray(dark), "PNG"), _three((dark * 255).astype(np.uint8))
    )


def _mislabelled(seed: int, pixels: np.ndarray) -> PictureFile:
    content = saved(Image.fromarray(pixels), "JPEG")
    return PictureFile(f"{seed:04d}-jpeg-inside{('.png', '.dat', '')[seed % 3]}", content, read_back(content))


def _three(grey: np.ndarray) -> Image.Image:
    return Image.fromarray(np.repeat(grey[..., None], 3, axis=2))


KINDS = (
    _plain("PNG", ".png"),
    _plain("JPEG", ".jpg"),
    _plain("WEBP", ".webp"),
    _plain("BMP", ".bmp"),
    _plain("TIFF", ".tif"),
    _oriented,
    _alpha,
    _grey_alpha,
    _sixteen_bits,
    _palette,
    _animated,
    _cmyk,
    _one_bit,
    _mislabelled,
)
SIZES = ((64, 64), (90, 70), (33, 120), (200, 41), (3, 5), (65, 64), (64, 67), (131, 130))


def awkward(count: int) -> list[PictureFile]:
    """`count` pictures, all kinds in all sizes in turn, with a few that are very large, long or small."""
    files = []
    for seed in range(count):
        width, height = SIZES[(seed // len(KINDS)) % len(SIZES)]
        files.append(KINDS[seed % len(KINDS)](seed, drawn(seed, width, height)))
    for seed, (width, height) in enumerate(((2400, 1700), (1, 1), (2000, 3), (2, 900)), start=count):
        files.append(_plain("PNG", ".png")(seed, drawn(seed, width, height)))
    return files


def broken() -> dict[str, bytes]:
    """Files that cannot be shown, by name; no two have the same bytes."""
    picture = saved(Image.fromarray(drawn(0, 80, 60)), "PNG")
    jpeg = saved(Image.fromarray(drawn(1, 80, 60)), "JPEG")
    return {
        "zero.png": b"",
        "text.jpg": b"this is not a picture",
        "truncated.png": picture[: len(picture) // 2],
        "truncated.jpg": jpeg[: len(jpeg) // 3],
        "header.png": picture[:20],
        "bomb.png": png_header(60_000, 60_000),
        "thin.png": png_header(1, 30_000_000),
        "program.eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n",
        "float.tif": saved(Image.fromarray(np.ones((9, 9), np.float32)), "TIFF"),
        "noise.webp": b"RIFF\x24\x00\x00\x00WEBPVP8 " + bytes(range(200)),
        "damaged.png": picture[:60] + b"\xff" * 40 + picture[100:],
    }


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims to be of that size: a few bytes that would decode to gigabytes."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def small_set(folder: Path, count: int = 40) -> Path:
    """A folder of small noisy PNG files, 000.png and so on."""
    folder.mkdir()
    for seed in range(count):
        (folder / f"{seed:03d}.png").write_bytes(saved(Image.fromarray(drawn(seed, 20, 16)), "PNG"))
    return folder
