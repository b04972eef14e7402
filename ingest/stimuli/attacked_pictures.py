"""Pictures of a typographic run, clean and with the text laid over them, for later jobs that show them again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ingest.network.model import ClipModel
from ingest.runs.earlier import every_row, newest_run, question
from ingest.stimuli.kept_pictures import KeptPictures, Pixels, read_again
from ingest.stimuli.overlays import Overlay, laid_over
from warehouse.errors import InputError


@dataclass(frozen=True)
class AttackedPictures(KeptPictures):
    """Each clean picture, followed by the same picture with the text.

    is_attacked: whether each has the text. clean_sha256: of the file that each is made from. names: captions of the
    pictures, and the text.
    """

    overlay: Overlay
    is_attacked: tuple[bool, ...] = field(repr=False)
    clean_sha256: tuple[str, ...] = field(repr=False)

    part_name = "attacked"

    def read(self, places: Sequence[int], image_size_px: int) -> list[Pixels | None]:
        sources = self.stimuli["source_uri"]
        pixels = read_again([(sources[place], self.clean_sha256[place]) for place in places], image_size_px)
        return [
            laid_over(picture, self.overlay) if picture is not None and self.is_attacked[place] else picture
            for place, picture in zip(places, pixels, strict=True)
        ]


def attacked_pictures(path: Path, model: ClipModel, count: int) -> AttackedPictures:
    """The first `count` pictures, by content, of the model's newest complete typographic run, clean and with the text.

    Raises InputError when there is no such run, or no picture of it could be shown.
    """
    missing = InputError(
        f"{path} holds no pictures of {model.label} with a text laid over them yet: clip-warehouse ingest typographic "
        f"--text TEXT, with --model {model.model_name} --warehouse {path}"
    )
    run = newest_run(path, model, ["typographic"], missing)
    pairs = every_row(path, question("attacked_stimuli"), run_id=run.run_id, count=count)
    if pairs.is_empty():
        raise missing
    overlay = Overlay(**run.settings["overlay"])
    names = {text for text in pairs["stimulus_text"] if text and text.strip()} | {overlay.text}
    return AttackedPictures(
        run.settings_sha256,
        pairs.drop("is_attacked", "clean_sha256"),
        tuple(sorted(names)),
        overlay=overlay,
        is_attacked=tuple(pairs["is_attacked"]),
        clean_sha256=tuple(pairs["clean_sha256"]),
    )
