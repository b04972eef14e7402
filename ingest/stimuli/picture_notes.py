"""What a source says about its pictures: captions and keywords from the files beside them.

Notes have a picture's name with another ending (.txt, .json, .cls; webdataset, img2dataset), or are a table of
file names (metadata.jsonl, metadata.csv, metadata.parquet; Hugging Face's image folders).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

NOTES = (".txt", ".json", ".cls")
_KEYWORDS = ("keywords", "labels", "label", "tags", "cls", "class", "fine_label", "coarse_label")
_CAPTIONS = ("caption", "text", "txt", "title", "captions", "top_caption", "alt_text", "description", "sentences")
_ROLES = ("caption", "text", "label", "meta", "metadata")  # of members of a webdataset: 001.caption.txt
_ADDRESSES = (
    "path",
    "image_path",
    "file_name",
    "filename",
    "filepath",
    "file",
    "url",
    "image_url",
    "img_url",
    "uri",
    "image",
)


@dataclass(frozen=True)
class Note:
    """Caption and keywords of one picture."""

    caption: str | None = None
    keywords: tuple[str, ...] = ()


def noted(names: Sequence[str], read: Callable[[str], bytes], listed: Mapping[str, Note]) -> Iterator[tuple[str, Note]]:
    """The files among `names` that are not notes, sorted, each with what its notes and the folder's table say."""
    known = frozenset(names)
    for name in sorted(names):
        if PurePosixPath(name).suffix.lower() not in NOTES:
            own = _beside(name, known, read)
            named = listed.get(name, Note())
            yield name, Note(own.caption or named.caption, tuple(dict.fromkeys([*own.keywords, *named.keywords])))


def key_of(name: str) -> str:
    """A webdataset's key, which a picture and its notes have in common: folder and name up to the first dot."""
    folder, mark, file = name.rpartition("/")
    return f"{folder}{mark}{file.partition('.')[0]}"


def note_of(row: Mapping[str, object]) -> Note:
    """What a row of a table or a JSON object says, by the usual names of its columns in any case."""
    values = {str(name).lower(): value for name, value in row.items()}
    caption = next((text for name in _CAPTIONS if (text := caption_of(values.get(name)))), None)
    words = [word for name in _KEYWORDS for word in words_of(values.get(name))]
    return Note(caption, tuple(dict.fromkeys(words)))


def address_in(row: Mapping[str, object]) -> str | None:
    """The picture that a row refers to, as written there."""
    values = {str(name).lower(): value for name, value in row.items()}
    return next((value for name in _ADDRESSES if isinstance(value := values.get(name), str) and value), None)


def caption_of(value: object) -> str | None:
    """A caption, of a text or of several: {'raw': ...} and lists as data sets have them."""
    if isinstance(value, dict):
        value = value.get("raw") or value.get("text") or value.get("caption")
    if isinstance(value, list | tuple):
        texts = [text for one in value if (text := caption_of(one))]
        return "; ".join(dict.fromkeys(texts)) or None
    return str(value).strip() or None if value is not None and value == value else None


def words_of(value: object) -> list[str]:
    if value is None or value == "":
        return []
    words = value if isinstance(value, list | tuple) else [value]
    return [str(word) for word in words if word is not None]


def text_of(content: bytes) -> str:
    """Text in UTF-8, in UTF-16 with a byte order mark, or else in Windows-1252, where every byte is a letter."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _stems(name: str) -> list[str]:
    """What a picture's notes may be called before their ending: 001 or 001.jpg; of 001.left.jpg also 001, as a
    webdataset's key ends at a dot; and 001.caption."""
    folder, mark, file = name.rpartition("/")
    stem = str(PurePosixPath(file).with_suffix("")) if PurePosixPath(file).suffix else file
    keys = [key for key in dict.fromkeys((stem, stem.rpartition(".")[0], file.partition(".")[0])) if key]
    return [
        f"{folder}{mark}{each}" for each in (stem, file, *keys, *(f"{key}.{role}" for key in keys for role in _ROLES))
    ]


def _beside(name: str, known: frozenset[str], read: Callable[[str], bytes]) -> Note:
    """What the notes of a picture say."""
    stems = _stems(name)
    texts: dict[str, str] = {}
    for suffix in NOTES:
        note_name = next((note for stem in stems if (note := f"{stem}{suffix}") in known), None)
        if note_name is not None:
            texts[suffix] = text_of(read(note_name)).strip()
    said = note_of(_json_object(texts.get(".json", "")))
    words = [*said.keywords, *texts.get(".cls", "").split("\n")]
    return Note(texts.get(".txt") or said.caption, tuple(dict.fromkeys(word.strip() for word in words if word.strip())))


def _json_object(text: str) -> dict[str, object]:
    try:
        described = json.loads(text)
    except ValueError:
        return {}
    return described if isinstance(described, dict) else {}
