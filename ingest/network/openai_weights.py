"""Which weights are OpenAI's own, as their name tells: the rule of the views published_models and layer_details."""

from __future__ import annotations

_TAG = "openai"
_COPY_OF_THE_HUB = "_clip.openai/"


def is_openais(model_name: str, pretrained_tag: str) -> bool:
    """By the hub's tag, OpenAI's file under the model's own name (RN50.pt), or a copy of the hub's folder."""
    own_file = f"/{model_name.removesuffix('-quickgelu')}.pt"
    return pretrained_tag == _TAG or pretrained_tag.endswith(own_file) or _COPY_OF_THE_HUB in pretrained_tag
