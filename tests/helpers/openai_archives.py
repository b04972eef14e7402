"""A CLIP as OpenAI gives it away: a TorchScript archive, convolutions and matrices in half precision, whose sizes are
attributes beside the weights."""

from __future__ import annotations

from pathlib import Path

import torch
from open_clip.model import CLIP
from torch import Tensor, nn


class AsOpenAi(nn.Module):
    """The names of OpenAI's own model."""

    def __init__(self, clip: CLIP, image_size_px: int) -> None:
        super().__init__()
        self.visual, self.transformer, self.token_embedding = clip.visual, clip.transformer, clip.token_embedding
        self.positional_embedding, self.ln_final = clip.positional_embedding, clip.ln_final
        self.text_projection, self.logit_scale = clip.text_projection, clip.logit_scale
        self.register_buffer("input_resolution", torch.tensor(image_size_px))
        self.register_buffer("context_length", torch.tensor(clip.context_length))
        self.register_buffer("vocab_size", torch.tensor(clip.vocab_size))

    def forward(self, images: Tensor, tokens: Tensor) -> Tensor:
        texts = self.ln_final(self.transformer(self.token_embedding(tokens) + self.positional_embedding))
        return self.logit_scale.exp() * (self.visual(images) @ (texts[:, -1] @ self.text_projection).T)


def halved(clip: CLIP) -> CLIP:
    """Every number as half precision can hold it, and still float32: what an archive's numbers are."""
    for each in [*clip.parameters(), *(buffer for buffer in clip.buffers() if buffer.is_floating_point())]:
        each.data = each.data.half().float()
    return clip


def save_archive(clip: CLIP, path: Path, image_size_px: int) -> None:
    """Trace the model and save it; the model is left in half precision."""
    model = AsOpenAi(clip, image_size_px).eval().half()
    shown = (
        torch.zeros(1, 3, image_size_px, image_size_px).half(),
        torch.zeros(1, clip.context_length, dtype=torch.long),
    )
    with torch.no_grad():
        torch.jit.trace(model, shown, check_trace=False).save(str(path))
