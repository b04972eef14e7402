"""The model hub: whether it answers, and weights that are downloaded once."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import open_clip
import requests
from huggingface_hub import constants, try_to_load_from_cache
from open_clip.pretrained import download_pretrained

from warehouse.errors import HubGone, ModelUnavailable

_TIMEOUT_S = 5
_LONGEST_REASON = 300
_FILES = ("open_clip_model.safetensors", "open_clip_pytorch_model.bin")


def hub_answers() -> bool:
    """Whether the model hub answers anything within a few seconds."""
    try:
        requests.head(constants.ENDPOINT, timeout=_TIMEOUT_S)
    except requests.RequestException:
        return False
    return True


def downloaded(model: str, tag: str) -> Path:
    """The file of an architecture's weights. Raises ModelUnavailable for an unknown tag, HubGone when the hub does
    not answer or sends no weights."""
    tags = open_clip.list_pretrained_tags_by_model(model)
    if tag not in tags:
        raise ModelUnavailable(
            f"{tag!r} is neither a file nor weights of {model}: take {', '.join(tags)}, a checkpoint file, or random"
        )
    if not _is_cached(model, tag) and not hub_answers():
        raise HubGone(f"{model} {tag}", f"{constants.ENDPOINT} does not answer")
    try:
        with _quiet():
            return Path(download_pretrained(open_clip.get_pretrained_cfg(model, tag)))
    except Exception as error:  # the hub's client raises its own errors, httpx's and the system's
        reason = " ".join(str(error).split())
        shown = reason if len(reason) <= _LONGEST_REASON else f"{reason[:_LONGEST_REASON]} ..."
        raise HubGone(f"{model} {tag}", f"{constants.ENDPOINT} does not send it ({shown})") from error


def _is_cached(model: str, tag: str) -> bool:
    repository = open_clip.get_pretrained_cfg(model, tag).get("hf_hub", "").rstrip("/")
    return bool(repository) and any(isinstance(try_to_load_from_cache(repository, name), str) for name in _FILES)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without open_clip's and the hub's logging and warnings: our own one line says what is wrong."""
    previous = logging.root.manager.disable
    logging.disable(logging.ERROR)
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(previous)
