"""The attention pool of a CLIP ResNet as plain tensors: from the last map to the image embedding, head by head.

Axes: B pictures, N channels of the last map, H heads, d numbers of a head, P positions of the map, I = P + 1 tokens,
E numbers of the embedding, C texts.

Tokens are x_0 = mean over positions of z + positional embedding 0, and x_i = z_i + positional embedding i. The pooled
output is the row of x_0: for each head a weighted sum of the tokens. With
    strength s[n, h] = sum over i of attention[h, i] x_i[n]      direction D[n, h] = output[h] @ value[h][:, n]
the embedding is exactly the sum over n and h of s D plus a constant (definitions.md section 11).
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
import torch.nn.functional as F
from open_clip.modified_resnet import AttentionPool2d
from torch import Tensor


@dataclass(frozen=True)
class AttentionPool:
    """query, key, value [H, d, N] with their biases [H, d]; output [H, E, d]; output_bias [E]; positions [I, N]."""

    query: Tensor
    key: Tensor
    value: Tensor
    query_bias: Tensor
    key_bias: Tensor
    value_bias: Tensor
    output: Tensor
    output_bias: Tensor
    positions: Tensor

    def to(self, device: str | torch.device, dtype: torch.dtype | None = None) -> AttentionPool:
        return AttentionPool(*(getattr(self, field.name).to(device, dtype) for field in fields(self)))

    @property
    def head_count(self) -> int:
        return len(self.query)

    @property
    def constant(self) -> Tensor:
        """The embedding when all tokens are zero [E]: the biases of values and output."""
        return torch.einsum("hed,hd->e", self.output, self.value_bias) + self.output_bias

    def attention(self, maps: Tensor) -> Tensor:
        """Attention of each head to each token of maps [B, N, y, x] -> [B, H, I]: a softmax; token 0 is the mean."""
        tokens = self._tokens(maps)
        query = torch.einsum("hdn,bn->bhd", self.query, tokens[:, 0]) + self.query_bias
        # Keys of all tokens would cost N^2 products a token; the query in the tokens' own space costs N^2 a picture.
        question = torch.einsum("hdn,bhd->bhn", self.key, query)
        bias = torch.einsum("hd,bhd->bh", self.key_bias, query)[..., None]
        scores = torch.einsum("bhn,bin->bhi", question, tokens) + bias
        return torch.softmax(scores / self.query.shape[1] ** 0.5, dim=-1)

    def cell_weights(self, attention: Tensor) -> Tensor:
        """Attention to tokens [B, H, I] -> to positions of the map [B, H, P], each with its share of the mean token."""
        return attention[..., 1:] + attention[..., :1] / (attention.shape[-1] - 1)

    def position_strengths(self, attention: Tensor) -> Tensor:
        """What the positional embedding adds to the strengths, which comes from no unit: [B, H, N]."""
        return attention @ self.positions

    def embedding(self, strengths: Tensor) -> Tensor:
        """The sum of strengths [B, H, N] times directions -> [B, E]: the embedding minus its constant."""
        values = torch.einsum("hdn,bhn->bhd", self.value, strengths)
        return torch.einsum("hed,bhd->be", self.output, values)

    def embeddings(self, maps: Tensor) -> Tensor:
        """Image embeddings of maps [B, N, y, x] as unit vectors [B, E], equal to stock open_clip's."""
        strengths = self.attention(maps) @ self._tokens(maps)
        return F.normalize(self.embedding(strengths) + self.constant, dim=1)

    def head_texts(self, texts: Tensor) -> Tensor:
        """Texts [C, E] in each head's value space [C, H, d]: D[n, h] . t = head text . value[h][:, n]."""
        return torch.einsum("hed,ce->chd", self.output, texts)

    def projections(self, texts: Tensor) -> Tensor:
        """D . t of text embeddings [C, E]: what a strength of 1 adds to each text's product [C, H, N]."""
        return torch.einsum("hdn,chd->chn", self.value, self.head_texts(texts))

    def _tokens(self, maps: Tensor) -> Tensor:
        cells = maps.flatten(2).transpose(1, 2)
        return torch.cat([cells.mean(1, keepdim=True), cells], dim=1) + self.positions


def attention_pool_of(module: AttentionPool2d, dtype: torch.dtype = torch.float32) -> AttentionPool:
    """The tensors of open_clip's attention pool, copied to the CPU; the module is left as it is."""
    heads = module.num_heads
    state = {name: tensor.detach().to("cpu", dtype, copy=True) for name, tensor in module.state_dict().items()}
    by_head = {name: values.unflatten(0, (heads, -1)) for name, values in state.items() if name[0] in "qkv"}
    return AttentionPool(
        query=by_head["q_proj.weight"],
        key=by_head["k_proj.weight"],
        value=by_head["v_proj.weight"],
        query_bias=by_head["q_proj.bias"],
        key_bias=by_head["k_proj.bias"],
        value_bias=by_head["v_proj.bias"],
        output=state["c_proj.weight"].unflatten(1, (heads, -1)).transpose(0, 1),
        output_bias=state["c_proj.bias"],
        positions=state["positional_embedding"],
    )
