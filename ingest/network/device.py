"""Where to compute, and how precisely: devices and precisions by name."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from threading import Thread
from typing import Any, Generic, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from warehouse.errors import UsageError

_Read = TypeVar("_Read")

_TF32 = "tf32"
_MOST_AHEAD = 4  # batches
_FIRST_WITH_TF32 = (8, 0)  # compute capability: A100 and newer
PRECISIONS = {
    "float32": torch.float32,
    _TF32: torch.float32,  # float32 storage, products rounded to tf32 on a GPU that has it
    "bf16": torch.bfloat16,
    "float64": torch.float64,
}


@dataclass(frozen=True)
class Arithmetic:
    """A device and a precision, as the names that are stored with a run."""

    device: str
    precision: str = "float32"

    @property
    def dtype(self) -> torch.dtype:
        return PRECISIONS[self.precision]

    @property
    def is_gpu(self) -> bool:
        return self.device.startswith("cuda")

    @contextmanager
    def active(self) -> Iterator[None]:
        """No gradients, with this precision's rounding; the process's own settings come back afterwards."""
        matmul, cudnn = torch.backends.cuda.matmul, torch.backends.cudnn
        before = (matmul.allow_tf32, cudnn.allow_tf32)
        matmul.allow_tf32 = cudnn.allow_tf32 = self.precision == _TF32
        try:
            with torch.no_grad():
                yield
        finally:
            matmul.allow_tf32, cudnn.allow_tf32 = before


def arithmetic(device: str = "auto", precision: str = "float32") -> Arithmetic:
    """The device meant by `auto`, `cpu` or `cuda[:N]`. Raises UsageError for one that is not there.

    tf32 becomes float32 on a device without it: the run stores what is computed.
    """
    if precision not in PRECISIONS:
        raise UsageError(f"no precision {precision!r}: take one of {', '.join(PRECISIONS)}")
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    if device != "cpu" and not device.startswith("cuda"):
        raise UsageError(f"no device {device!r}: take auto, cpu, cuda or cuda:N")
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise UsageError(f"no device {device!r}: PyTorch sees no GPU here; take --device cpu")
    if precision == _TF32 and not _has_tf32(device):
        precision = "float32"
    return Arithmetic(device, precision)


def _has_tf32(device: str) -> bool:
    return device != "cpu" and torch.cuda.get_device_capability(device) >= _FIRST_WITH_TF32


def wake(arithmetic: Arithmetic) -> None:
    """Let a GPU load what its first convolution and product need, beside what this process does next.

    A command that fails meanwhile ends when that is loaded.
    """
    if arithmetic.is_gpu:
        Thread(target=_first_operations, args=(arithmetic.device,)).start()


def _first_operations(device: str) -> None:
    with suppress(RuntimeError):  # whatever is wrong with the GPU, the job will say
        images = torch.zeros(1, 3, 32, 32, device=device)
        torch.nn.functional.conv2d(images, images.new_zeros(8, 3, 3, 3))
        images.view(3, -1) @ images.view(-1, 3)


@contextmanager
def single_threads(device: torch.device) -> Iterator[tuple[ThreadPoolExecutor, int]]:
    """A pool of as many workers as torch has threads; inside each, torch uses one thread.

    For many small products: threads that meet after every product spend much of the time waiting for one another, most
    of all where another process needs a core.
    """
    before = torch.get_num_threads()
    count = before if device.type == "cpu" else 1
    try:
        with ThreadPoolExecutor(count, initializer=lambda: torch.set_num_threads(1)) as pool:
            yield pool, count
    finally:
        torch.set_num_threads(before)


def sent(tensor: Tensor, device: torch.device) -> Tensor:
    """A tensor of the host on a device; does not wait for a GPU."""
    return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor.to(device)


def gathered(arrays: NDArray[Any] | Sequence[NDArray[Any]], device: torch.device) -> Tensor:
    """Arrays of one shape [...] as a tensor [N, ...] on a device; does not wait for a GPU.

    Copied once, into pinned memory that torch keeps for the next ones: new pages take longer than what is in them.
    """
    dtype = torch.from_numpy(arrays[0]).dtype
    here = torch.empty(len(arrays), *arrays[0].shape, dtype=dtype, pin_memory=device.type == "cuda")
    np.stack(list(arrays), out=here.numpy())
    return here.to(device, non_blocking=True)


class Pace:
    """Lets this process run a few batches ahead of a GPU, and no more: what was sent takes pinned memory until then."""

    def __init__(self, device: torch.device) -> None:
        self._is_gpu = device.type == "cuda"
        self._running: deque[torch.cuda.Event] = deque()

    def step(self) -> None:
        """A batch has been given to the device."""
        if not self._is_gpu:
            return
        self._running.append(torch.cuda.Event(blocking=True))
        self._running[-1].record()
        if len(self._running) > _MOST_AHEAD:
            self._running.popleft().synchronize()


class ReadBack(Generic[_Read]):
    """Tensors on their way to the host while the device computes on; `wait` returns them as arrays.

    Through pinned memory on a GPU: a copy to pageable memory waits for the device, at a twentieth of the rate.
    """

    def __init__(self, tensors: Sequence[Tensor], made: Callable[..., _Read]) -> None:
        """made: makes the result from the arrays, in the order of the tensors."""
        self._made = made
        self._arrived: torch.cuda.Event | None = None
        if not any(tensor.is_cuda for tensor in tensors):
            self._tensors = list(tensors)
            return
        device = tensors[0].device
        stream, self._arrived = copy_stream(device), torch.cuda.Event()
        stream.wait_stream(torch.cuda.current_stream(device))
        with torch.cuda.stream(stream):
            self._tensors = [_copied(tensor, stream) for tensor in tensors]
            self._arrived.record(stream)

    def wait(self) -> _Read:
        """What `made` returns, once the arrays have arrived. May be called from any thread."""
        if self._arrived is not None:
            self._arrived.synchronize()
        return self._made(*(tensor.numpy() for tensor in self._tensors))


def _copied(tensor: Tensor, stream: Any) -> Tensor:
    here = torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype, pin_memory=True)
    here.copy_(tensor, non_blocking=True)
    tensor.record_stream(stream)
    return here


@cache
def copy_stream(device: torch.device) -> torch.cuda.Stream:
    """The one stream a device has for copies to the host."""
    return torch.cuda.Stream(device)


@cache
def has_triton() -> bool:
    return find_spec("triton") is not None
