"""OpenAI Microscope's addresses, and the ways to a unit's picture: the picture hosts, then the JSON that lists them.

Source: definitions.md section 7.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from urllib.parse import quote

from PIL import Image

from ingest.stimuli.downloads import Downloads
from warehouse.errors import DownloadFailed, SiteGone

_STEPS = 4096
_UNITS_PER_FOLDER = 32
_MOST_SILENCES = 3
_LARGEST_PX = 2048
_FORMATS = ("PNG", "JPEG", "WEBP")


@dataclass(frozen=True)
class SiteAddresses:
    """Where the site is: bases of the picture hosts, in the order in which they are asked, and of the JSON."""

    pictures: tuple[str, ...] = (
        "https://oaiggoh.blob.core.windows.net/microscopeprod/2020-07-25/2020-07-25",
        "https://openaipublic.blob.core.windows.net/microscopeprod/2020-07-25/2020-07-25",
    )
    json: str = "https://microscope.openai.com"

    @classmethod
    def mirror(cls, base: str) -> SiteAddresses:
        """A copy of both under one base, with the same paths."""
        base = base.rstrip("/")
        return cls((f"{base}/microscopeprod/2020-07-25/2020-07-25",), base)


@dataclass
class _Way:
    """One way to a picture; `silences` counts the last failures in a row to reach its host."""

    url_of: Callable[[str, int], str]
    silences: int = 0


@dataclass
class MicroscopeSite:
    """The pictures of one model and objective. `last_silence` is the last failure to reach a host, if any."""

    downloads: Downloads
    slug: str
    objective: str
    addresses: SiteAddresses
    last_silence: SiteGone | None = None
    _ways: list[_Way] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        hosts = [_Way(partial(self.picture_url, base)) for base in self.addresses.pictures]
        self._ways = [*hosts, _Way(self._listed_url)]

    @property
    def is_gone(self) -> bool:
        """Whether every way was silent several times in a row: asking on would only register errors."""
        return all(way.silences >= _MOST_SILENCES for way in self._ways)

    def picture(self, microscope_layer: str, unit: int) -> tuple[str, bytes]:
        """Address and content of a unit's picture, by the first way that has it; it can be decoded.

        A way that was silent three times in a row is not tried again. Raises DownloadFailed, or SiteGone if no way
        answers.
        """
        if self.is_gone and self.last_silence:
            raise self.last_silence
        failures: list[DownloadFailed] = []
        for way in self._ways:
            if way.silences >= _MOST_SILENCES:
                continue
            try:
                answer = self._by(way, microscope_layer, unit)
            except SiteGone as silence:
                way.silences += 1
                self.last_silence = silence
                failures.append(silence)
            except DownloadFailed as refusal:
                way.silences = 0
                failures.append(refusal)
            else:
                way.silences = 0
                return answer
        raise _plainest(failures)

    def picture_url(self, base: str, microscope_layer: str, unit: int) -> str:
        """Where a host keeps the picture; the op is quoted twice."""
        first = _UNITS_PER_FOLDER * (unit // _UNITS_PER_FOLDER)
        folder = (
            f"alpha=False&negative=False&objective={self.objective}&op={quote(op_of(microscope_layer), safe='')}"
            f"&repeat=0&start={first}&steps={_STEPS}&stop={first + _UNITS_PER_FOLDER}"
        )
        return f"{base}/{self.slug}/lucid.feature_vis/_feature_vis/{quote(folder, safe='')}/channel-{unit}.png"

    def list_url(self, microscope_layer: str) -> str:
        """The JSON that lists the pictures of a layer."""
        call = ["FeatureVisEndpoints", [], "op_feature_vis", [self.slug, microscope_layer, self.objective, _STEPS, 0]]
        arguments = quote(json.dumps(call, separators=(",", ":")), safe="")
        return (
            f"{self.addresses.json}/api/encyclopedia_endpoints/call:FeatureVisEndpoints.op_feature_vis?args={arguments}"
        )

    def _by(self, way: _Way, microscope_layer: str, unit: int) -> tuple[str, bytes]:
        url = way.url_of(microscope_layer, unit)
        content = self.downloads.get(url)
        if picture_in(content) is None:
            raise DownloadFailed(url, "what came is not a picture")
        return url, content

    def _listed_url(self, microscope_layer: str, unit: int) -> str:
        url = self.list_url(microscope_layer)
        try:
            address = json.loads(self.downloads.get(url))["result"]["channels"][unit]["images"][0]["image"]["url"]
        except (ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
            raise DownloadFailed(url, f"its list has no picture of unit {unit}") from error
        if not isinstance(address, str):
            raise DownloadFailed(url, f"its list has no picture of unit {unit}")
        return address


def op_of(microscope_layer: str) -> str:
    """`image_block_4_2_Add_6_0` -> `image_block_4/2/Add_6:0`, the op inside a picture's address."""
    block, bottleneck, name, number, output = microscope_layer.removeprefix("image_block_").split("_")
    return f"image_block_{block}/{bottleneck}/{name}_{number}:{output}"


def picture_in(content: bytes) -> Image.Image | None:
    """The picture in RGB; None if the bytes are not a picture, or it is implausibly large (its size is read first)."""
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(BytesIO(content), formats=_FORMATS) as picture:
            if max(picture.size) > _LARGEST_PX:
                return None
            return picture.convert("RGB")
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError):
        return None


def _plainest(failures: list[DownloadFailed]) -> DownloadFailed:
    """A refusal says more than a silence."""
    return min(failures, key=lambda failure: isinstance(failure, SiteGone))
