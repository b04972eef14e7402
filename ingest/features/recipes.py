"""Which recipe a model's feature visualisations follow: Lucid's published one, or the one found for the bundled model.

A run is known by its recipe's fields, so those of `optimisation.Recipe` stay as they are; what else differs are
properties, and `method` tells the two apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ingest.features.optimisation import Recipe
from ingest.network.architectures import BUNDLED_MODEL

BUNDLED, LUCID = "bundled", "lucid"


@dataclass(frozen=True)
class LucidRecipe(Recipe):
    """Lucid's defaults: lucid/optvis/render.py, param/spatial.py and transform.py.

    From middle grey, Adam at 0.05 for 512 steps, spectra that decay with the frequency, one start, no total variation.
    At 224 px jitter of 8 and 4 px is a shift of at most 6 px either way; rotation up to 10 degrees, zoom up to a tenth.
    They do not die down, and beyond the edge there is grey. A block's output is taken before its ReLU, as Microscope
    shows it.
    """

    step_count: int = 512
    start_count: int = 1
    lightness: float = 0.5
    learning_rate: float = 0.05
    decay_power: float = 1.0
    jitter: float = 6 / 224
    rotation_degrees: float = 10.0
    zoom: float = 1.1
    variation: float = 0.0
    method: str = LUCID

    @property
    def still_from(self) -> float | None:
        return None

    @property
    def leak(self) -> float:
        return 1.0

    @property
    def is_on_grey(self) -> bool:
        return True


RECIPES: Mapping[str, type[Recipe]] = {LUCID: LucidRecipe, BUNDLED: Recipe}


def recipe_name(model_name: str) -> str:
    """The bundled model's own recipe for that model, Lucid's for any other."""
    return BUNDLED if model_name == BUNDLED_MODEL else LUCID
