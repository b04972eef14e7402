"""The split of a cosine into units, heads and branches, against stock open_clip with hooks, in float64."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from functools import cache, cached_property

import pytest
import torch
import torch.nn.functional as F
from open_clip.modified_resnet import ModifiedResNet
from torch import Tensor

from ingest.logits.strengths import Strengths, strengths
from ingest.network.attention_pool import AttentionPool, attention_pool_of
from ingest.network.model import load_model
from ingest.network.trunk import trunk_of
from test_capture import randomised

DEEP = "RN101's bottlenecks, a quarter of its width"
MODELS = ("RN50", DEEP, "emoji-rn50")
NARROW = "one bottleneck a block"
BUILT = {  # of the second, the last bottleneck has a downsample convolution
    DEEP: lambda: ModifiedResNet([3, 4, 23, 3], output_dim=128, heads=8, image_size=224, width=16),
    NARROW: lambda: ModifiedResNet([1, 1, 1, 1], output_dim=24, heads=4, image_size=64, width=8),
}
TEXT_COUNT = 5


@dataclass(frozen=True)
class Case:
    """A stock vision side in float64, pictures, and unit vectors that stand for texts."""

    visual: ModifiedResNet
    images: Tensor
    texts: Tensor

    def pool(self, dtype: torch.dtype = torch.float64) -> AttentionPool:
        return attention_pool_of(self.visual.attnpool, dtype)

    @cached_property
    def cosines(self) -> Tensor:
        with torch.no_grad():
            return F.normalize(self.visual(self.images), dim=1) @ self.texts.T


@cache
def case(name: str) -> Case:
    """Random models with batch norms as training leaves them; the bundled one as it is."""
    if name in BUILT:
        torch.manual_seed(1)
        visual = randomised(BUILT[name]())
    else:
        visual = load_model(name, None if name == "emoji-rn50" else "random", seed=3).visual
        visual = visual if name == "emoji-rn50" else randomised(deepcopy(visual))
    generator = torch.Generator().manual_seed(2)
    for projection in (visual.attnpool.q_proj, visual.attnpool.k_proj, visual.attnpool.v_proj, visual.attnpool.c_proj):
        if name != "emoji-rn50":
            projection.bias.data.normal_(0, 0.2, generator=generator)
    images = torch.randn(2, 3, visual.image_size, visual.image_size, generator=generator, dtype=torch.float64)
    texts = torch.randn(TEXT_COUNT, visual.output_dim, generator=generator, dtype=torch.float64)
    return Case(deepcopy(visual).double(), images, F.normalize(texts, dim=1))


@cache
def strengths_of(name: str, dtype: torch.dtype = torch.float64) -> Strengths:
    one = case(name)
    with torch.no_grad():
        return strengths(trunk_of(one.visual, dtype), one.pool(dtype), one.images.to(dtype))


@pytest.mark.parametrize("name", [*MODELS, NARROW])
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-10), (torch.float32, 1e-5)])
def test_units_heads_and_constant_add_up_to_the_cosine(name: str, dtype: torch.dtype, tolerance: float) -> None:
    found = strengths_of(name, dtype)
    texts = case(name).texts.to(dtype)
    total = found.contributions(texts).sum((2, 3)) + found.cosines(texts)["constant"]
    torch.testing.assert_close(total.double(), case(name).cosines, atol=tolerance, rtol=0)
    by_branch = sum(found.cosines(texts).values())
    torch.testing.assert_close(by_branch.double(), case(name).cosines, atol=tolerance, rtol=0)


@pytest.mark.parametrize("name", [*MODELS, NARROW])
def test_branches_equal_hooks_on_the_last_bottleneck(name: str) -> None:
    """z, its gate and its branches from hooks; the weights of the positions from open_clip's own attention."""
    one = case(name)
    shortcut, residual = hooked_branches(name)
    output = (shortcut + residual).clamp(min=0)
    attention = torch.stack([torch_attention(one, maps) for maps in output])
    cells = attention[:, :, 1:] + attention[:, :, :1] / (attention.shape[2] - 1)
    found = strengths_of(name)
    torch.testing.assert_close(found.attention, attention, atol=1e-12, rtol=0)
    for branch, ours in ((shortcut, found.shortcut), (residual, found.residual)):
        gated = torch.where(output > 0, branch, 0).flatten(2)
        expected = torch.stack([w @ z.T for w, z in zip(cells, gated, strict=True)])
        torch.testing.assert_close(ours, expected, atol=1e-10, rtol=1e-10)
    positions = attention @ one.visual.attnpool.positional_embedding.detach()
    torch.testing.assert_close(found.position, positions, atol=1e-12, rtol=1e-10)


@pytest.mark.parametrize("name", [*MODELS, NARROW])
def test_each_head_alone_equals_the_pool_with_the_other_heads_silenced(name: str) -> None:
    one, found = case(name), strengths_of(name)
    shortcut, residual = hooked_branches(name)
    output = (shortcut + residual).clamp(min=0)
    size = found.pool.query.shape[1]
    alone = deepcopy(one.visual.attnpool)
    alone.c_proj.bias.data.zero_()
    for head in range(found.pool.head_count):
        own = slice(head * size, (head + 1) * size)
        alone.c_proj.weight.data.zero_()
        alone.c_proj.weight.data[:, own] = one.visual.attnpool.c_proj.weight[:, own]
        with torch.no_grad():
            expected = alone(output)
        only = torch.zeros_like(found.total)
        only[:, head] = found.total[:, head]
        constant = found.pool.output[head] @ found.pool.value_bias[head]
        torch.testing.assert_close(found.pool.embedding(only) + constant, expected, atol=1e-10, rtol=1e-10)


def test_projections_are_directions_times_texts() -> None:
    """Against the directions themselves: columns of c_proj and rows of v_proj that belong to a head."""
    one = case("emoji-rn50")
    pool = one.pool()
    module, size = one.visual.attnpool, pool.query.shape[1]
    rows = [slice(head * size, (head + 1) * size) for head in range(pool.head_count)]
    directions = [module.c_proj.weight[:, own] @ module.v_proj.weight[own] for own in rows]  # [E, N] each
    expected = torch.stack([one.texts @ direction for direction in directions], dim=1)
    torch.testing.assert_close(pool.projections(one.texts), expected.detach(), atol=1e-12, rtol=1e-10)


def test_one_units_strength_moves_the_embedding_along_its_direction() -> None:
    one = case("emoji-rn50")
    pool = one.pool()
    alone = torch.zeros(1, pool.head_count, pool.positions.shape[1], dtype=torch.float64)
    alone[0, 3, 7] = 2.0
    module, own = one.visual.attnpool, slice(3 * pool.query.shape[1], 4 * pool.query.shape[1])
    direction = module.c_proj.weight[:, own] @ module.v_proj.weight[own, 7]
    torch.testing.assert_close(pool.embedding(alone)[0], 2 * direction.detach())


def test_the_pool_leaves_the_module_as_it_is() -> None:
    module = deepcopy(case(NARROW).visual.attnpool)
    before = {key: value.clone() for key, value in module.state_dict().items()}
    pool = attention_pool_of(module, torch.float64)
    pool.output.zero_()
    pool.positions.zero_()
    assert all(torch.equal(before[key], value) for key, value in module.state_dict().items())


@cache
def hooked_branches(name: str) -> tuple[Tensor, Tensor]:
    """Shortcut and residual of the last bottleneck, cloned in hooks of the plain module."""
    one = case(name)
    last, kept = one.visual.layer4[-1], {}
    handles = [
        last.register_forward_pre_hook(lambda _, inputs: kept.__setitem__("input", inputs[0].clone())),
        last.bn3.register_forward_hook(lambda _, __, out: kept.__setitem__("residual", out.clone())),
    ]
    if last.downsample is not None:
        handles.append(last.downsample.register_forward_hook(lambda _, __, out: kept.update(shortcut=out.clone())))
    with torch.no_grad():
        one.visual(one.images)
    for handle in handles:
        handle.remove()
    return kept.get("shortcut", kept["input"]), kept["residual"]


def torch_attention(one: Case, maps: Tensor) -> Tensor:
    """What PyTorch's own multi-head attention says of the mean token, [H, I]."""
    pool = one.visual.attnpool
    cells = maps.flatten(1).T
    tokens = (torch.cat([cells.mean(0, keepdim=True), cells]) + pool.positional_embedding)[:, None]
    with torch.no_grad():
        _, weights = F.multi_head_attention_forward(
            query=tokens[:1],
            key=tokens,
            value=tokens,
            embed_dim_to_check=tokens.shape[-1],
            num_heads=pool.num_heads,
            q_proj_weight=pool.q_proj.weight,
            k_proj_weight=pool.k_proj.weight,
            v_proj_weight=pool.v_proj.weight,
            in_proj_weight=None,
            in_proj_bias=torch.cat([pool.q_proj.bias, pool.k_proj.bias, pool.v_proj.bias]),
            bias_k=None,
            bias_v=None,
            add_zero_attn=False,
            dropout_p=0.0,
            out_proj_weight=pool.c_proj.weight,
            out_proj_bias=pool.c_proj.bias,
            use_separate_proj_weight=True,
            training=False,
            need_weights=True,
            average_attn_weights=False,
        )
    return weights[0, :, 0]
