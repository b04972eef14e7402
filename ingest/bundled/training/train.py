"""Trains the bundled model (`make bundled-model`): resumable, with a fixed seed.

WORK holds `npm/node_modules` (emoji and font packages); textures, checkpoints, a log and the weights are written into
it. data.py (pictures), losses.py and codebook.py say what a step does, settings.py when.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple, cast

import torch
from open_clip.constants import OPENAI_DATASET_MEAN, OPENAI_DATASET_STD
from open_clip.model import CLIP
from safetensors.torch import save_file
from torch import Tensor, nn

from ingest.bundled.clip import CONFIG_NAME, WEIGHTS_NAME, build, config, final_maps, resampled, tokens
from ingest.bundled.codebook import codebook, kinship
from ingest.bundled.concepts import concepts
from ingest.bundled.training.data import Sampler, Textures, load_textures
from ingest.bundled.training.losses import contrastive, named, picture_against_word, unit_codes
from ingest.bundled.training.name_tuning import tune_names
from ingest.bundled.training.settings import Settings, asked_for
from ingest.network.device import arithmetic
from warehouse.errors import ClipWarehouseError
from warehouse.progress import Progress

_CHUNK = 256
_EMBEDDED_ROUNDS = 16
_CHECKPOINT_EVERY_S = 180
_LOG_EVERY_STEPS = 20


class Part(NamedTuple):
    """Results of a part of a batch: losses, their gradient, its concepts [B], the embeddings of their names [B, E]."""

    losses: dict[str, Tensor]
    gradients: tuple[Tensor, ...]
    concepts: Tensor
    names: Tensor


class Training:
    """Model, optimizer and random state of one training; `save` and `resume` carry all of it.

    norm: a batch norm on the embedding, folded into the model at the end. names [C, E]: the embedding of each concept's
    name from the last batch that held the concept.
    """

    def __init__(self, settings: Settings, textures: Textures) -> None:
        torch.manual_seed(settings.seed)
        self.settings = settings
        self.step, self.seconds = 0, 0.0
        self.device = torch.device(arithmetic(settings.device).device)
        self.samplers = [
            Sampler(textures, torch.Generator(self.device).manual_seed(settings.seed + part))
            for part in range(settings.parts)
        ]
        threads = max(1, torch.get_num_threads() // settings.parts)
        self._side_by_side = ThreadPoolExecutor(settings.parts, "part", torch.set_num_threads, (threads,))
        self.kin = kinship(concepts()).to(self.device)
        self.captions = tokens([concept.name for concept in concepts()]).to(self.device)
        self.size_px = settings.size_px(0)
        self.model = build(self.size_px, Path(settings.start) if settings.start else None).to(self.device)
        self.norm = self._norm()
        with torch.no_grad():
            self.names = self.model.encode_text(self.captions)
        self.optimizer = self._optimizer()
        self.codes: Tensor | None = None

    @property
    def progress(self) -> float:
        return max(self.step / self.settings.steps, self.seconds / 60 / self.settings.minutes)

    @property
    def done(self) -> int:
        """How far the training is, in what `Settings.counted` counts."""
        return round(self.seconds) if self.settings.is_timed else self.step

    def run_step(self) -> dict[str, float]:
        """Train on one batch: `batch_concepts` pictures, and words of the readable ones. Returns mean losses."""
        self._grow()
        for group in self.optimizer.param_groups:
            group["lr"] = self.settings.rate(self.progress)
        parts = list(self._side_by_side.map(self._part, self.samplers))
        for parameter, *gradients in zip(self._parameters(), *(part.gradients for part in parts), strict=True):
            parameter.grad = torch.zeros_like(parameter)  # same memory layout: the fused optimizer goes by memory order
            for gradient in gradients:
                parameter.grad.add_(gradient, alpha=1 / len(parts))
        nn.utils.clip_grad_norm_(self._parameters(), 1.0)
        self.optimizer.step()
        for part in parts:
            self.names[part.concepts] = part.names
        self.step += 1
        return {name: sum(part.losses[name].item() for part in parts) / len(parts) for name in parts[0].losses}

    def pictures(self, sampler: Sampler, wanted: Tensor) -> Tensor:
        """A picture of each concept, [N, 3, H, W], at the size and calmness of this stage of the training."""
        return sampler.pictures(wanted, self.size_px, self.settings.calm_share(self.progress))

    def _part(self, sampler: Sampler) -> Part:
        wanted = sampler.concepts(self.settings.batch_concepts // len(self.samplers))
        texts = self.model.encode_text(self.captions[wanted])
        losses = self._losses(sampler, wanted, texts)
        gradients = torch.autograd.grad(torch.stack(list(losses.values())).sum(), self._parameters())
        return Part(losses, gradients, wanted, texts.detach())

    def _losses(self, sampler: Sampler, wanted: Tensor, texts: Tensor) -> dict[str, Tensor]:
        pictures = self.pictures(sampler, wanted)
        readable, words = sampler.words(wanted, self.size_px)
        shown = torch.cat([wanted, readable])
        owner = (shown[:, None] == wanted).int().argmax(1)
        maps, images = self._forward(torch.cat([pictures, words]))
        related = self.kin[wanted][:, wanted]
        scale = self.model.logit_scale.exp().clamp(max=100)
        losses = {
            "contrastive": contrastive(images, texts, owner, related, scale),
            "named": named(images, self.names.index_put((wanted,), texts), shown),
        }
        if self.codes is not None:
            means = maps.float().mean((2, 3))
            losses["codes"] = unit_codes(means, self.codes, shown)
            losses["words"] = picture_against_word(means[owner[len(wanted) :]], means[len(wanted) :])
        return losses

    def _forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Final maps [N, U, h, w], and embeddings [N, E] after the batch norm; computed in bfloat16."""
        with torch.autocast(self.device.type, torch.bfloat16):
            maps = final_maps(self.model, normalised(images))
            pooled = self.model.visual.attnpool(maps)
        return maps, self.norm(pooled.float())

    def _grow(self) -> None:
        """Switch to the next picture size, and make the codes, when their time has come."""
        size_px = self.settings.size_px(self.progress)
        if size_px != self.size_px:
            self._resize(size_px)
        if self.codes is None and self.progress >= self.settings.unit_loss_from:
            means = torch.stack([unit_means(self, words=False), unit_means(self, words=True)])
            self.codes = codebook(concepts(), _standing_out(means).cpu()).to(self.device)

    def _resize(self, size_px: int) -> None:
        """Keep the weights at another picture size, and the optimizer's moments where the shape stays the same."""
        grown = build(size_px)
        grown.load_state_dict(resampled(self.model.state_dict(), size_px))
        self.model, self.size_px = grown.to(self.device), size_px
        kept = self.optimizer.state_dict()
        self.optimizer = self._optimizer()
        shapes = [parameter.shape for group in self.optimizer.param_groups for parameter in group["params"]]
        moments = {place: state for place, state in kept["state"].items() if state["exp_avg"].shape == shapes[place]}
        self.optimizer.load_state_dict({**kept, "state": moments})

    def _norm(self) -> nn.BatchNorm1d:
        """The embedding's batch norm; for saved weights it starts as the identity."""
        norm = nn.BatchNorm1d(self.model.visual.output_dim).to(self.device)
        if self.settings.start:
            with torch.no_grad():
                sampler = self.samplers[0]
                wanted = sampler.concepts(_CHUNK)
                images = torch.cat([self.pictures(sampler, wanted), sampler.words(wanted, self.size_px)[1]])
                self.model.eval()
                embedded = self.model.encode_image(normalised(images))
                self.model.train()
                variance, mean = torch.var_mean(embedded, 0)
                norm.running_mean, norm.running_var = mean.clone(), variance.clone()
                norm.bias.copy_(mean)
                norm.weight.copy_((variance + norm.eps).sqrt())
        return norm

    def _optimizer(self) -> torch.optim.AdamW:
        decayed = [parameter for parameter in self._parameters() if parameter.ndim > 1]
        plain = [parameter for parameter in self._parameters() if parameter.ndim <= 1]
        groups: list[dict[str, Any]] = [{"params": decayed}, {"params": plain, "weight_decay": 0.0}]
        return torch.optim.AdamW(
            groups, self.settings.learning_rate, (0.9, 0.98), weight_decay=self.settings.weight_decay, fused=True
        )

    def _parameters(self) -> list[nn.Parameter]:
        return [*self.model.parameters(), *self.norm.parameters()]

    def save(self, path: Path) -> None:
        """Write everything that `resume` needs: beside the file, then renamed into place."""
        state = {
            "model": self.model.state_dict(),
            "norm": self.norm.state_dict(),
            "names": self.names,
            "optimizer": self.optimizer.state_dict(),
            "codes": self.codes,
            "generators": [sampler.generator.get_state() for sampler in self.samplers],
            "step": self.step,
            "seconds": self.seconds,
            "size_px": self.size_px,
        }
        torch.save(state, path.with_suffix(".tmp"))
        path.with_suffix(".tmp").rename(path)

    def resume(self, path: Path) -> None:
        state = torch.load(path, map_location=self.device, weights_only=True)
        if state["size_px"] != self.size_px:
            self._resize(state["size_px"])
        self.model.load_state_dict(state["model"])
        self.norm.load_state_dict(state["norm"])
        self.optimizer.load_state_dict(state["optimizer"])
        for sampler, generator in zip(self.samplers, state["generators"], strict=True):
            sampler.generator.set_state(generator.cpu())
        self.names, self.codes = state["names"], state["codes"]
        self.step, self.seconds = state["step"], state["seconds"]


def unit_means(training: Training, *, words: bool) -> Tensor:
    """The final units' spatial means, averaged over each concept's pictures (or words), [C, U]; 0 for one without."""
    model = training.model.eval()
    unit_count = model.visual.attnpool.q_proj.in_features
    sums = torch.zeros(len(concepts()), unit_count, device=training.device)
    counts = torch.zeros(len(concepts()), 1, device=training.device)
    with torch.no_grad():
        for shown, images in _every_concept(training, rounds=2, words=words):
            sums[shown] += final_maps(model, normalised(images)).mean((2, 3))
            counts[shown] += 1
    model.train()
    return sums / counts.clamp(min=1)


@torch.no_grad()
def embeddings(training: Training) -> tuple[Tensor, Tensor]:
    """Embeddings [N, E] of every concept's pictures and words by the finished vision side, and their concepts [N]."""
    model, norm = training.model.eval(), training.norm.eval()
    embeddings, owner = [], []
    for words in (False, True):
        for shown, images in _every_concept(training, rounds=_EMBEDDED_ROUNDS, words=words):
            embeddings.append(norm(model.encode_image(normalised(images))))
            owner.append(shown)
    return torch.cat(embeddings), torch.cat(owner)


def _every_concept(training: Training, *, rounds: int, words: bool) -> Iterator[tuple[Tensor, Tensor]]:
    """All concepts' pictures (or words), `rounds` times, in chunks: their concepts [N] and images [N, 3, H, W]."""
    sampler = training.samplers[0]
    for _ in range(rounds):
        for wanted in torch.arange(len(concepts()), device=training.device).split(_CHUNK):
            yield sampler.words(wanted, training.size_px) if words else (wanted, training.pictures(sampler, wanted))


def _standing_out(means: Tensor) -> Tensor:
    """How far each unit lies above its average over concepts, in deviations, squared: [C, U] from kinds [K, C, U]."""
    shown = means.sum(2, keepdim=True) > 0
    usual = (means * shown).sum(1, keepdim=True) / shown.sum(1, keepdim=True)
    spread = ((means - usual).square() * shown).mean(1, keepdim=True).sqrt().clamp(min=1e-6)
    return ((means - usual) / spread * shown).mean(0).clamp(min=0).square()


def normalised(images: Tensor) -> Tensor:
    """RGB in 0..1 [N, 3, H, W], normalised by CLIP's mean and std, in channels-last order."""
    mean, std = (images.new_tensor(values).reshape(1, 3, 1, 1) for values in (OPENAI_DATASET_MEAN, OPENAI_DATASET_STD))
    return ((images - mean) / std).contiguous(memory_format=torch.channels_last)


def folded(model: CLIP, norm: nn.BatchNorm1d) -> dict[str, Tensor]:
    """The model's state with the embedding's batch norm folded into the attention pool's last projection."""
    state = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    mean, variance = cast(Tensor, norm.running_mean), cast(Tensor, norm.running_var)
    scale = norm.weight / (variance + norm.eps).sqrt()
    name = "visual.attnpool.c_proj"
    state[f"{name}.weight"] = state[f"{name}.weight"] * scale[:, None]
    state[f"{name}.bias"] = (state[f"{name}.bias"] - mean) * scale + norm.bias
    return state


def export(training: Training, folder: Path) -> None:
    """Write the weights in half precision, and the config, as a folder that open_clip reads."""
    folder.mkdir(parents=True, exist_ok=True)
    state = folded(training.model, training.norm)
    halves = {
        name: tensor.detach().half().cpu().contiguous() for name, tensor in state.items() if tensor.is_floating_point()
    }
    save_file(halves, folder / WEIGHTS_NAME)
    (folder / CONFIG_NAME).write_text(json.dumps(config(training.size_px), indent=1) + "\n", encoding="utf-8")


def train(work: Path, settings: Settings) -> None:
    """Train to the end of the schedule, from the last checkpoint in `work` if there is one."""
    torch.backends.cuda.enable_flash_sdp(False)  # also on a CPU: for ten positions plain products are faster
    packages = work / "npm" / "node_modules"
    training = Training(settings, load_textures(packages, work / "cache" / "textures.pt", settings.seed))
    checkpoint = work / "checkpoint.pt"
    if checkpoint.is_file():
        training.resume(checkpoint)
    last, saved = time.monotonic(), time.monotonic()
    with Progress("training", *settings.counted, training.done) as progress:
        while training.progress < 1:
            before = training.done
            losses = training.run_step()
            now = time.monotonic()
            training.seconds, last = training.seconds + now - last, now
            if training.step % _LOG_EVERY_STEPS == 0:
                _log(work, training, losses)
            if now - saved > _CHECKPOINT_EVERY_S:
                training.save(checkpoint)
                saved = now
            progress.advance(training.done - before)
    training.save(checkpoint)
    tune_names(training.model, training.captions, *embeddings(training), training.samplers[0].generator)
    export(training, work / "model")


def _log(work: Path, training: Training, losses: dict[str, float]) -> None:
    rounded = {name: round(value, 3) for name, value in losses.items()}
    line = {"step": training.step, "progress": round(training.progress, 4), "size_px": training.size_px, **rounded}
    with (work / "log.jsonl").open("a", encoding="utf-8") as log:
        log.write(json.dumps({**line, "seconds": round(training.seconds)}) + "\n")


def main() -> None:
    work, settings = asked_for(__doc__)
    work.mkdir(parents=True, exist_ok=True)
    try:
        train(work, settings)
    except KeyboardInterrupt:
        sys.exit("\nstopped; the same command continues from the last checkpoint, at most three minutes back")
    except ClipWarehouseError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
