"""The text side of a CLIP: texts as normalised embeddings, by the model's own tokenizer and weights.

Axes: C texts, E numbers of the embedding.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import torch
import torch.nn.functional as F
from open_clip.tokenizer import SimpleTokenizer
from torch import Tensor

from ingest.network.architectures import model_folder
from ingest.network.device import Arithmetic
from ingest.network.model import ClipModel, load_clip, tag_and_seed
from warehouse.errors import UsageError

KEPT_TOKENS_NAME = "kept_tokens.json"
PLACE = "{}"
_BATCH = 256


@dataclass(frozen=True)
class TextSide:
    """open_clip's CLIP, of which the text side is used, and its tokenizer: texts to token ids [C, context]."""

    clip: Any
    tokens: Callable[[list[str]], Tensor]

    def embeddings(self, texts: Sequence[str], arithmetic: Arithmetic, template: str = PLACE) -> Tensor:
        """Unit vectors [C, E] on the CPU, in float64 if the arithmetic is, else in float32.

        template: {} stands for the text, as in `a photo of a {}`. Raises UsageError for one without {}.
        """
        if PLACE not in template:
            raise UsageError(f"--template {template!r}: write {PLACE} for the text, as in 'a photo of a {PLACE}'")
        tokens = self.tokens([template.replace(PLACE, text) for text in texts]).to(arithmetic.device)
        dtype = torch.float64 if arithmetic.dtype == torch.float64 else torch.float32
        clip = self.clip.to(arithmetic.device, dtype)
        with torch.no_grad():
            encoded = torch.cat([clip.encode_text(batch) for batch in torch.split(tokens, _BATCH)])
        return F.normalize(encoded, dim=1).cpu()

    def sha256(self) -> str:
        """SHA-256 over the text side's weights as float32, by sorted name; ClipModel's is over the vision side."""
        digest = hashlib.sha256()
        for name, tensor in sorted(self.clip.state_dict().items()):
            if not name.startswith("visual."):
                digest.update(f"{name}{list(tensor.shape)}".encode())
                digest.update(np.ascontiguousarray(tensor.float().cpu().numpy(), dtype="<f4").tobytes())
        return digest.hexdigest()


def load_text_side(model: ClipModel) -> TextSide:
    """The text side that belongs to a vision side. Raises ModelUnavailable."""
    tag, seed = tag_and_seed(model.pretrained_tag)
    clip: Any = load_clip(model.model_name, tag, seed=seed)
    return TextSide(clip, tokenizer_of(model.model_name, clip.context_length))


def tokenizer_of(model_name: str, context_length: int) -> Callable[[list[str]], Tensor]:
    """A model's tokenizer, texts to token ids [C, context]; the model may have a reduced vocabulary."""
    folder = model_folder(model_name)
    if folder is not None and (folder / KEPT_TOKENS_NAME).is_file():
        return partial(reduced_tokens, folder / KEPT_TOKENS_NAME, context_length)
    tokenizer: Callable[[list[str]], Tensor] = open_clip.get_tokenizer(f"local-dir:{folder}" if folder else model_name)
    return tokenizer


def reduced_tokens(kept_file: Path, context_length: int, texts: Sequence[str]) -> Tensor:
    """Token ids [C, context] in a reduced vocabulary: unknown tokens are 0, start and end are the last two ids.

    kept_file: JSON list of CLIP's token ids that the vocabulary keeps; a token's new id is its index there.
    """
    kept = json.loads(kept_file.read_text(encoding="utf-8"))
    place = {token: index for index, token in enumerate(kept)}
    tokenizer, start, end = _clip_tokenizer(), len(kept) - 2, len(kept) - 1
    rows = torch.zeros(len(texts), context_length, dtype=torch.long)
    for row, text in zip(rows, texts, strict=True):
        ids = [place.get(token, 0) for token in tokenizer.encode(text)][: context_length - 2]
        row[: len(ids) + 2] = torch.tensor([start, *ids, end])
    return rows


@cache
def _clip_tokenizer() -> SimpleTokenizer:
    """CLIP's own, read once."""
    return SimpleTokenizer()
