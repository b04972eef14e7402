"""What this machine offers: device, versions, and whether the model hub and OpenAI Microscope answer."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version

import requests
import torch
from huggingface_hub import constants

from ingest.network.architectures import resnet_names
from ingest.network.hub import hub_answers

_MICROSCOPE = "https://microscope.openai.com"
_TIMEOUT_S = 5


def probe() -> list[tuple[str, str]]:
    """(what, found) rows; takes a few seconds when a host does not answer."""
    return [
        ("device", _device()),
        ("processor", f"{os.cpu_count()} cores, {torch.get_num_threads()} threads in PyTorch"),
        ("python", platform.python_version()),
        *((name, version(name)) for name in ("torch", "open_clip_torch", "duckdb", "polars", "streamlit")),
        ("models", ", ".join(resnet_names())),
        (constants.ENDPOINT, _said(hub_answers(), "hub tags cannot be downloaded; files, random and emoji-rn50 work")),
        (_MICROSCOPE, _said(_microscope_answers(), "its pictures cannot be downloaded; all else works")),
    ]


def _device() -> str:
    if not torch.cuda.is_available():
        return "cpu (PyTorch sees no GPU)"
    properties = torch.cuda.get_device_properties(0)
    return f"cuda, {properties.name}, {properties.total_memory / 2**30:.0f} GiB"


def _microscope_answers() -> bool:
    try:
        requests.head(_MICROSCOPE, timeout=_TIMEOUT_S)
    except requests.RequestException:
        return False
    return True


def _said(answers: bool, otherwise: str) -> str:
    return "answers" if answers else f"does not answer: {otherwise}"
