"""The end of training: the text side alone learns to tell all names apart, while the pictures' embeddings stay fixed.

While both sides learn, a step embeds the names of one batch only, so a name is seldom pushed away from the pictures of
its nearest kin: up-left arrow and up-right arrow stay the same. With a fixed vision side the pictures are embedded
once, and every step compares them with all names.
"""

from __future__ import annotations

import torch
from open_clip.model import CLIP
from torch import Tensor, nn

from ingest.bundled.training.losses import named
from warehouse.progress import Progress

STEPS = 240
_BATCH = 4096
_LEARNING_RATE = 5e-4


def tune_names(
    model: CLIP, captions: Tensor, images: Tensor, shown: Tensor, generator: torch.Generator, steps: int = STEPS
) -> None:
    """Change the text side in place. captions [C, T]: all names; images [N, E]: embeddings, with concepts shown [N]."""
    optimizer = torch.optim.AdamW(text_parameters(model), _LEARNING_RATE, (0.9, 0.98), weight_decay=0.0)
    falling = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.01, steps)
    with Progress("names", "steps", steps) as progress:
        for _ in range(steps):
            batch = torch.randint(len(images), (_BATCH,), generator=generator, device=images.device)
            loss = named(images[batch], model.encode_text(captions), shown[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            falling.step()
            progress.advance(1)


def text_parameters(model: CLIP) -> list[nn.Parameter]:
    """The parameters that `encode_text` uses."""
    return [
        parameter
        for name, parameter in model.named_parameters()
        if not name.startswith("visual.") and name != "logit_scale"
    ]
