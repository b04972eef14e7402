"""Capture: spatial mean and maximum of every requested layer from one forward pass.

Axes: N images, U units of the requested layers (layers in running order, then channels in order), C channels of one
layer, H and W positions, P = H * W.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch
import torch.nn.functional as F
from numba import prange
from numpy.typing import NDArray
from torch import Tensor

from ingest.network.device import ReadBack, has_triton, sent
from ingest.network.numba_loops import compiled, compiled_loop, one_loop_at_a_time
from ingest.network.trunk import Trunk, after_stem, forward

_RUN = 64  # positions read at once: few enough for any cache
_Found = tuple[Tensor, Tensor, Tensor]  # mean, maximum and its place, each [N, C]


@dataclass(frozen=True)
class Activations:
    """Spatial mean and maximum, each [N, U] float32, and the flat position of the first maximum, [N, U] int32."""

    mean: NDArray[np.float32]
    max: NDArray[np.float32]
    place: NDArray[np.int32]


class Reductions:
    """The same of one forward pass, still on its device: mean, max [N, U] float32 and place [N, U] int32.

    On a GPU nothing has been waited for: the pass may still be running.
    """

    def __init__(self, mean: Tensor, peak: Tensor, place: Tensor) -> None:
        self.mean, self.max, self.place = mean, peak, place

    def __getitem__(self, images: list[int]) -> Reductions:
        """Those of some of the images."""
        chosen = sent(torch.tensor(images), self.mean.device)
        return Reductions(self.mean[chosen], self.max[chosen], self.place[chosen])

    def read_back(self) -> ReadBack[Activations]:
        """A GPU lays a unit's values side by side, as rows need them: the host would be slow at that."""
        found = self.mean, self.max, self.place
        return ReadBack([of.T.contiguous().T if of.is_cuda else of for of in found], Activations)


def capture(trunk: Trunk, images: Tensor, layer_names: Collection[str]) -> Activations:
    """What `reductions` measures, on the host."""
    return reductions(trunk, images, layer_names).read_back().wait()


def reductions(trunk: Trunk, images: Tensor, layer_names: Collection[str]) -> Reductions:
    """Run images [N, 3, H, W] once, reduce each requested map on its device, and stop after the last.

    No map is kept: each is reduced before the pass overwrites it (definitions.md section 2, the trap). Maps in half
    precision are averaged in float32.
    """
    names = frozenset(layer_names)
    is_compiled = trunk.device.type == "cpu" and trunk.dtype == torch.float32
    found = islice((_captured_here if is_compiled else _captured)(trunk, images, names), len(names))
    return Reductions(*(torch.cat(columns, 1) for columns in zip(*found, strict=True)))


def _captured(trunk: Trunk, images: Tensor, names: frozenset[str]) -> Iterator[_Found]:
    """Layer by layer, on any device and in any precision."""
    return (reduced(maps) for name, maps in forward(trunk, images) if name in names)


def reduced(maps: Tensor) -> _Found:
    """Mean, maximum and its first place of maps [N, C, H, W], each [N, C], on their device; NaN for a map with NaN."""
    if maps.is_cuda and maps.dtype != torch.float64 and has_triton():
        from ingest.network import triton_kernels

        return triton_kernels.reduced(_laid_out(maps).flatten(1, 2))
    # One pooling window as large as the map: the only reduction of torch that gives the place at no extra cost.
    peak, place = F.max_pool2d(maps, maps.shape[2:], return_indices=True)
    mean = maps.mean((2, 3), dtype=torch.float32)
    return mean, peak.flatten(1).float(), place.flatten(1).to(torch.int32)


def compared(maps: Tensor, others: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """L2 norms of two maps [N, C, H, W] and their dot product, each [N, C], on their device.

    Half precision is summed in float32.
    """
    if maps.is_cuda and maps.dtype != torch.float64 and has_triton():
        from ingest.network import triton_kernels

        of_maps, of_others, product = triton_kernels.compared(*(_laid_out(of).flatten(1, 2) for of in (maps, others)))
        return of_maps, of_others, product
    accumulated = torch.promote_types(maps.dtype, torch.float32)
    maps, others = maps.to(accumulated), others.to(accumulated)
    of_maps, of_others = (of.square().sum((2, 3)).double().sqrt() for of in (maps, others))
    return of_maps, of_others, (maps * others).sum((2, 3)).double()


def _captured_here(trunk: Trunk, images: Tensor, names: frozenset[str]) -> Iterator[_Found]:
    """The pass of `forward` on a CPU, where reading maps takes the time: each is reduced and passed on in one go."""
    maps = after_stem(trunk, images)
    for bottleneck in trunk.bottlenecks:
        branch = maps
        for op_index, convolution in ((1, bottleneck.conv1), (3, bottleneck.conv2)):
            branch = convolution(branch)
            if bottleneck.address(op_index) in names:
                branch, found = _passed_on(branch)
                yield found
            else:
                branch.relu_()
        branch = bottleneck.conv3(bottleneck.pool(branch))
        ends = [bottleneck.address(5), bottleneck.output_name]
        if bottleneck.downsample is not None:
            maps = bottleneck.downsample(bottleneck.pool(maps))
            ends.insert(1, bottleneck.address(7))
        if names.isdisjoint(ends):
            maps = branch.add_(maps).relu_()
        else:
            maps, found_of = _joined(branch, maps, has_shortcut=bottleneck.downsample is not None)
            yield from (found for name, found in zip(ends, found_of, strict=True) if name in names)


def _passed_on(maps: Tensor) -> tuple[Tensor, _Found]:
    """Maps [N, C, H, W] after their ReLU, in the same memory, and the reductions from before it."""
    laid = _laid_out(maps)
    found = _unknown(laid)
    with one_loop_at_a_time():
        _pass_on(laid.flatten(1, 2).numpy(), *_arrays(found))
    return laid.permute(0, 3, 1, 2), found


def _joined(residual: Tensor, shortcut: Tensor, *, has_shortcut: bool) -> tuple[Tensor, list[_Found]]:
    """A block's output, in the residual's memory, and the reductions of residual, shortcut (if a layer) and output."""
    laid, other = _laid_out(residual), _laid_out(shortcut)
    of_residual, of_shortcut, of_output = _unknown(laid), _unknown(other[: len(other) * has_shortcut]), _unknown(laid)
    with one_loop_at_a_time():
        _join(
            laid.flatten(1, 2).numpy(),
            other.flatten(1, 2).numpy(),
            _arrays(of_residual),
            _arrays(of_shortcut),
            _arrays(of_output),
        )
    found = [of_residual, of_shortcut, of_output] if has_shortcut else [of_residual, of_output]
    return laid.permute(0, 3, 1, 2), found


def _laid_out(maps: Tensor) -> Tensor:
    """Maps [N, C, H, W] as contiguous [N, H, W, C]: a view, as the trunk's maps are channels-last."""
    return maps.permute(0, 2, 3, 1).contiguous()


def _unknown(laid: Tensor) -> _Found:
    mean, peak = (laid.new_empty(laid.shape[0], laid.shape[3]) for _ in range(2))
    return mean, peak, torch.empty_like(mean, dtype=torch.int32)


def _arrays(found: _Found) -> tuple[NDArray, NDArray, NDArray]:
    mean, peak, place = found
    return mean.numpy(), peak.numpy(), place.numpy()


@compiled_loop
def _pass_on(maps, mean, peak, place):  # type: ignore[no-untyped-def]
    """Mean, maximum and its place, each [N, C], of maps [N, P, C]; then the maps' ReLU, in place."""
    positions = maps.shape[1]
    for n in prange(maps.shape[0]):
        for first in range(0, positions, _RUN):
            run = maps[n, first : first + _RUN]
            _take(run, first, mean[n], peak[n], place[n])
            _rectify(run)
        mean[n] /= np.float32(positions)


@compiled_loop
def _join(residual, shortcut, of_residual, of_shortcut, of_output):  # type: ignore[no-untyped-def]
    """The same of both branches [N, P, C] and their output, which replaces the residual; of_shortcut may be empty."""
    positions = residual.shape[1]
    has_shortcut = len(of_shortcut[0]) > 0
    for n in prange(residual.shape[0]):
        for first in range(0, positions, _RUN):
            run, other = residual[n, first : first + _RUN], shortcut[n, first : first + _RUN]
            _take(run, first, of_residual[0][n], of_residual[1][n], of_residual[2][n])
            if has_shortcut:
                _take(other, first, of_shortcut[0][n], of_shortcut[1][n], of_shortcut[2][n])
            _add(run, other)
            _rectify(run)
            _take(run, first, of_output[0][n], of_output[1][n], of_output[2][n])
        of_residual[0][n] /= np.float32(positions)
        of_output[0][n] /= np.float32(positions)
        if has_shortcut:
            of_shortcut[0][n] /= np.float32(positions)


@compiled
def _take(run, first, total, best, where):  # type: ignore[no-untyped-def]
    """Update sum, maximum and its place, each [C], by positions [R, C] that begin at `first`, two at a time."""
    positions, channels = run.shape
    if first == 0:
        total[:], best[:], where[:] = 0, run[0], 0
    run_sum = np.zeros(channels, np.float32)
    for p in range(0, positions - 1, 2):
        one, two = run[p], run[p + 1]
        for c in range(channels):
            is_second = two[c] > one[c]
            larger = two[c] if is_second else one[c]
            position = np.int32(first + p + 1) if is_second else np.int32(first + p)
            is_larger = larger > best[c]
            best[c] = larger if is_larger else best[c]
            where[c] = position if is_larger else where[c]
            run_sum[c] += one[c] + two[c]
    if positions % 2:
        one = run[positions - 1]
        for c in range(channels):
            is_larger = one[c] > best[c]
            best[c] = one[c] if is_larger else best[c]
            where[c] = np.int32(first + positions - 1) if is_larger else where[c]
            run_sum[c] += one[c]
    for c in range(channels):
        total[c] += run_sum[c]


@compiled
def _add(run, other):  # type: ignore[no-untyped-def]
    for p in range(run.shape[0]):
        row, more = run[p], other[p]
        for c in range(row.shape[0]):
            row[c] += more[c]


@compiled
def _rectify(run):  # type: ignore[no-untyped-def]
    """ReLU; nan stays nan."""
    for p in range(run.shape[0]):
        row = run[p]
        for c in range(row.shape[0]):
            row[c] = np.float32(0) if row[c] < 0 else row[c]


def normalised(pixels: Tensor, mean: tuple[float, ...], std: tuple[float, ...]) -> Tensor:
    """Pixels [N, H, W] (grey) or [N, H, W, 3] in uint8 as images [N, 3, H, W], by the model's own mean and std."""
    if pixels.ndim == 3:
        pixels = pixels[..., None].expand(-1, -1, -1, 3)
    levels = torch.arange(256)[:, None] / 255
    table = sent((levels - torch.tensor(mean)) / torch.tensor(std), pixels.device)
    if pixels.device.type != "cpu":
        return table[pixels.int(), torch.arange(3, device=pixels.device)].permute(0, 3, 1, 2)
    images = np.empty(pixels.shape, np.float32)
    with one_loop_at_a_time():
        _look_up(table.numpy(), pixels.numpy(), images)
    return torch.from_numpy(images).permute(0, 3, 1, 2)


@compiled_loop
def _look_up(table, pixels, images):  # type: ignore[no-untyped-def]
    """Each channel's level looked up in a table [256, 3]: pixels [N, H, W, 3] as images [N, H, W, 3]."""
    count, height, width, channels = pixels.shape
    for n in prange(count):
        for y in range(height):
            for x in range(width):
                for c in range(channels):
                    images[n, y, x, c] = table[pixels[n, y, x, c], c]
