"""The tensors in a file, each known by its shape before any of its numbers is read.

The format is recognised by content, whatever the file is called: safetensors; PyTorch's zip, of which OpenAI's
TorchScript archives are one kind; PyTorch's older stream of pickles. Nothing in a file is executed: pickles are read as
descriptions (`pickles`), the code of a TorchScript archive is not opened, and neither torch.load nor torch.jit.load is
called.
"""

from __future__ import annotations

import math
import re
import struct
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from ingest.network.pickles import Made, Name, Reference, Unreadable, described

_STORAGES = {
    "DoubleStorage": torch.float64,
    "FloatStorage": torch.float32,
    "HalfStorage": torch.float16,
    "BFloat16Storage": torch.bfloat16,
    "LongStorage": torch.int64,
    "IntStorage": torch.int32,
    "ShortStorage": torch.int16,
    "CharStorage": torch.int8,
    "ByteStorage": torch.uint8,
    "BoolStorage": torch.bool,
}
_REBUILT = ("torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2")
_WRAPPED = ("torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state")
_OF_MODULES = ("_modules", "_parameters", "_buffers")  # where a pickled module keeps its parts
_LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
_LEGACY_HEADER = 3  # pickles before the one that matters: the magic number, the protocol, the machine
_LARGEST_PICKLE = 1 << 28
_MOST_NODES = 1_000_000
_DEEPEST = 32
_KINDS = {
    b"<": "a web page, which a refused download leaves behind",
    b"version https://git-lfs": "a Git LFS pointer: fetch the file itself with git lfs pull",
    b"\x89HDF": "HDF5",
    b"\x1f\x8b": "gzip: unpack it first",
    b"\x28\xb5\x2f\xfd": "zstd: unpack it first",
    b"GGUF": "GGUF",
    b"\x93NUMPY": "a numpy array",
}
_TAR_MAGIC = slice(257, 262)
_ROOT = re.compile(r"[^/]*/data\.pkl")


@dataclass(frozen=True)
class Stored:
    """A tensor in a file: its shape, and a function that reads its numbers."""

    shape: tuple[int, ...]
    read: Callable[[], Tensor]


def stored_tensors(path: Path) -> dict[str, Stored]:
    """Every tensor of a file by the names that lead to it, joined by dots. Raises Unreadable, which says why."""
    with path.open("rb") as file:
        head = file.read(512)
    if not head:
        raise Unreadable("an empty file")
    if zipfile.is_zipfile(path) and head.startswith(b"PK"):
        return _of_zip(path)
    if len(head) > 9 and head[8:9] == b"{":
        return _of_safetensors(path)
    for start, kind in _KINDS.items():
        if head.lstrip().startswith(start):
            raise Unreadable(kind)
    if head[_TAR_MAGIC] == b"ustar":
        raise Unreadable("a tar: unpack it first")
    return _of_stream(path)


def _of_safetensors(path: Path) -> dict[str, Stored]:
    try:
        opened: Any = safe_open(path, framework="pt")  # stays open while a tensor may be read from it
        names = opened.keys()
        return {
            name: Stored(tuple(opened.get_slice(name).get_shape()), partial(opened.get_tensor, name)) for name in names
        }
    except (SafetensorError, OSError, ValueError) as error:
        raise Unreadable(f"damaged safetensors ({error})") from error


def _of_zip(path: Path) -> dict[str, Stored]:
    archive = _opened(path)  # stays open while a tensor may be read from it
    infos = {info.filename: info for info in archive.infolist()}
    root = next((name.removesuffix("data.pkl") for name in infos if _ROOT.fullmatch(name)), None)
    if root is None:
        raise Unreadable("a zip without data.pkl, so not a PyTorch file")
    if infos[f"{root}data.pkl"].file_size > _LARGEST_PICKLE:
        raise Unreadable(f"its data.pkl is larger than {_LARGEST_PICKLE >> 20} MiB")
    if f"{root}byteorder" in infos and _content(archive, f"{root}byteorder", 16) != b"little":
        raise Unreadable("big-endian numbers: save it again on a little-endian machine")
    tree = described(BytesIO(_content(archive, f"{root}data.pkl", _LARGEST_PICKLE)))

    def numbers(key: str, size: int) -> bytes:
        return _content(archive, f"{root}data/{key}", size)

    def holds(key: str, size: int) -> bool:
        info = infos.get(f"{root}data/{key}")
        return info is not None and size <= info.file_size

    return dict(_tensors(tree, numbers, holds))


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise Unreadable(f"a damaged zip ({error})") from error


def _content(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """At most `most` bytes of a record. Raises Unreadable for a torn record, or a packed one: PyTorch packs none."""
    if archive.getinfo(name).compress_type != zipfile.ZIP_STORED:
        raise Unreadable(f"{name} is packed, which PyTorch never does")
    try:
        with archive.open(name) as record:
            return record.read(most)
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, NotImplementedError, ValueError) as error:
        raise Unreadable(f"{name} is damaged ({error})") from error


def _of_stream(path: Path) -> dict[str, Stored]:
    """PyTorch's format before 1.6: pickles, then the storages, each after its count."""
    with path.open("rb") as file:
        if described(file) != _LEGACY_MAGIC:
            raise Unreadable("a pickle, but not one that PyTorch wrote")
        for _ in range(_LEGACY_HEADER - 1):
            described(file)
        tree = described(file)
        keys = described(file)
        places = dict(_places(file, keys if isinstance(keys, list) else [], _item_sizes(tree)))

    def numbers(key: str, size: int) -> bytes:
        with path.open("rb") as file:
            file.seek(places[key][0])
            return file.read(size)

    def holds(key: str, size: int) -> bool:
        return key in places and size <= places[key][1]

    return dict(_tensors(tree, numbers, holds))


def _places(file: BinaryIO, keys: list[Any], item_sizes: Mapping[str, int]) -> Iterator[tuple[str, tuple[int, int]]]:
    """Where each storage's bytes begin, and how many there are."""
    end = file.seek(0, 1), file.seek(0, 2)
    file.seek(end[0])
    for key in keys:
        head = file.read(8)
        if key not in item_sizes or len(head) < 8:
            return
        (count,) = struct.unpack("<q", head)
        size = count * item_sizes[key]
        start = file.tell()
        if count < 0 or start + size > end[1]:
            return
        yield key, (start, size)
        file.seek(start + size)


def _item_sizes(tree: object) -> dict[str, int]:
    """Bytes a number in each storage that a description refers to."""
    return {key: dtype.itemsize for node in _nodes(tree) if (storage := _storage(node)) for dtype, key in [storage]}


def _nodes(tree: object) -> Iterator[object]:
    """Every part of a description once."""
    waiting, seen = [tree], set[int]()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        if isinstance(node, Made):
            waiting += [node.arguments, node.state]
        elif isinstance(node, dict):
            waiting += node.values()
        elif isinstance(node, (list, tuple)):
            waiting += node


def _tensors(
    tree: object, numbers: Callable[[str, int], bytes], holds: Callable[[str, int], bool]
) -> Iterator[tuple[str, Stored]]:
    """The tensors and the names that lead to them, through dictionaries and the states of objects."""
    waiting: list[tuple[tuple[str, ...], object]] = [((), tree)]
    count = 0
    while waiting:
        names, node = waiting.pop()
        count += 1
        if count > _MOST_NODES:
            raise Unreadable(f"more than {_MOST_NODES:,} parts")
        if (tensor := _tensor(node, numbers, holds)) is not None:
            yield ".".join(names), tensor
            continue
        inner = node.state if isinstance(node, Made) else node
        if isinstance(inner, dict) and len(names) < _DEEPEST:
            waiting += [(names if key in _OF_MODULES else (*names, str(key)), each) for key, each in inner.items()]


def _tensor(node: object, numbers: Callable[[str, int], bytes], holds: Callable[[str, int], bool]) -> Stored | None:
    """The tensor that a description stands for, if it is one and fits its storage."""
    if not isinstance(node, Made) or not isinstance(node.by, Name) or not isinstance(node.arguments, tuple):
        return None
    if node.by.path in _WRAPPED and node.arguments:
        return _tensor(node.arguments[0], numbers, holds)
    if node.by.path not in _REBUILT or len(node.arguments) < 4:
        return None
    stored, offset, shape, strides = node.arguments[:4]
    storage = _storage(stored)
    if storage is None or not _are_counts(offset, shape, strides):
        return None
    dtype, key = storage
    last = offset + sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True))
    count = last + 1 if math.prod(shape) else 0
    if math.prod(shape) > count or not holds(key, count * dtype.itemsize):
        return None

    def read() -> Tensor:
        content = bytearray(numbers(key, count * dtype.itemsize))
        if len(content) < count * dtype.itemsize:
            raise Unreadable(f"storage {key} is cut short")
        flat = torch.frombuffer(content, dtype=dtype) if count else torch.empty(0, dtype=dtype)
        return flat.as_strided(shape, strides, offset).clone(memory_format=torch.contiguous_format)

    return Stored(shape, read)


def _storage(node: object) -> tuple[torch.dtype, str] | None:
    """Type of the numbers, and key, of the storage a description refers to: ('storage', type, key, device, ...)."""
    if not isinstance(node, Reference) or not isinstance(node.to, tuple) or len(node.to) < 5:
        return None
    kind, named, key = node.to[:3]
    name = named.path.rpartition(".")[2] if isinstance(named, Name) else ""
    return (_STORAGES[name], str(key)) if kind == "storage" and name in _STORAGES else None


def _are_counts(offset: object, shape: object, strides: object) -> bool:
    """Whether offset, sizes and strides are whole numbers from 0, with a stride for each size."""
    if not isinstance(shape, tuple) or not isinstance(strides, tuple) or len(shape) != len(strides):
        return False
    return all(
        isinstance(each, int) and not isinstance(each, bool) and each >= 0 for each in (offset, *shape, *strides)
    )
