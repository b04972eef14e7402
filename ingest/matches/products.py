"""Covariances of units over pictures, batch after batch: memory depends on the layers, not on the pictures.

Axes: N pictures of a batch, C channels of a layer. Exact: float64 products of differences from the first picture, so a
unit that never varies has a variance of exactly zero, and nothing large cancels. Source: definitions.md section 14.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar

import torch
from torch import Tensor

_Key = TypeVar("_Key")
_FLOAT32_RESOLUTION = 1e-12  # variance over mean square: below, a change is float32's rounding


class Products(Generic[_Key]):
    """Sums over pictures of products for some pairs of layers, named by keys, and for each layer with itself."""

    def __init__(self, pairs: Iterable[tuple[_Key, _Key]]) -> None:
        self.count = 0
        chosen = list(pairs)
        keys = dict.fromkeys(key for pair in chosen for key in pair)
        self._pairs = list(dict.fromkeys([*chosen, *((key, key) for key in keys)]))
        self._first: dict[_Key, Tensor] = {}
        self._sums: dict[_Key, Tensor] = {}
        self._products: dict[tuple[_Key, _Key], Tensor] = {}

    def add(self, values: Mapping[_Key, Tensor]) -> None:
        """Take in a batch: of each layer [N, C]."""
        if not self.count:
            self._begin(values)
        moved = {key: values[key].double() - first for key, first in self._first.items()}
        for key, value in moved.items():
            self._sums[key] += value.sum(0)
        for one, other in self._pairs:
            self._products[one, other].addmm_(moved[one].T, moved[other])
        self.count += len(next(iter(moved.values())))

    def covariance(self, one: _Key, other: _Key) -> Tensor:
        """Of each channel of one layer with each of the other [C, C'], over all pictures so far."""
        sums = torch.outer(self._sums[one], self._sums[other])
        return (self._products[one, other] - sums / self.count) / self.count

    def variance(self, key: _Key) -> Tensor:
        """Of each channel [C]; 0 where a unit changes by float32's rounding alone."""
        found = self.covariance(key, key).diagonal()
        mean = self._first[key] + self._sums[key] / self.count
        return torch.where(found > _FLOAT32_RESOLUTION * (found + mean.square()), found, 0)

    def _begin(self, values: Mapping[_Key, Tensor]) -> None:
        for key in dict.fromkeys(key for pair in self._pairs for key in pair):
            self._first[key] = values[key][0].double()
            self._sums[key] = torch.zeros_like(self._first[key])
        for one, other in self._pairs:
            self._products[one, other] = self._first[one].new_zeros(len(self._first[one]), len(self._first[other]))
