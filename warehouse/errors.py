"""Every error that a person can cause, as one tree. A message gives the value, what is accepted, and the next command.

ClipWarehouseError
├── UsageError                a bad argument: exit code 2, before any work starts
│   ├── UnknownLayer          an address that the model does not have
│   ├── UnknownBottleneck     the same of a bottleneck
│   ├── UnknownChannel        a channel that the layer does not have
│   ├── NoPath                a lower layer that does not reach the upper one
│   └── RunnerMissing         --runner ray where Ray is not installed
├── WarehouseError            the file is at fault
│   ├── WarehouseMissing      no file there
│   ├── NotAWarehouse         a file that is not a DuckDB database, or a database without our tables
│   ├── NotAllowed            a file that this user must not read
│   ├── SchemaMismatch        made by an older or a newer version of this program
│   ├── OtherViews            the tables fit, but another version built the views, and they lack what is asked for
│   ├── WarehouseBusy         another process holds the file
│   │   └── RunBusy           another process is computing this very run
│   ├── StorageFull           no room left, or the file cannot be written
│   ├── BrokenShard           a staged shard that is torn or belongs elsewhere
│   ├── NeverWhole            a shard that is broken whenever it is read back, however often it is computed
│   └── CannotMerge           another warehouse whose rows do not fit
├── QueryError                a query that cannot be run
│   ├── QueryRefused          not one reading statement, or it reaches outside the warehouse
│   ├── QueryTimeout          stopped at the time limit
│   └── TooManyRows           more rows than a query without a limit returns: a part would pass for the whole
├── MachineFault              the machine's fault, not an input's: no memory, no file handles, a worker that was killed
├── ClusterFailed             a Ray cluster that does not answer, or whose workers cannot do the job
├── UnknownUnit               no such unit, layer or stimulus in the warehouse
├── UnknownRun                no such run, or one that cannot be shown yet
└── InputError                an input of an ingest job is at fault
    ├── CannotWrite           the target of an export or a picture cannot be written
    ├── BadLabel              a label that is empty, too long or cannot be printed
    ├── DownloadFailed        an address that is refused, or whose content is (too large, too slow)
    │   └── SiteGone          a host that does not answer, or answers with errors only
    ├── SetUnanswered         some sites of a picture set do not answer now
    ├── PictureGone           a picture that has gone since its set was read
    ├── ModelUnavailable      a model that is not a CLIP ResNet, a checkpoint that does not fit
    │   └── HubGone           weights that have to be downloaded, and cannot be now
    └── TextTooLarge          a text that does not fit its picture
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from pathlib import Path

from warehouse.wording import number_of


def typed(path: Path | str) -> str:
    """A path as it can be pasted into a shell, from any folder."""
    return shlex.quote(str(Path(path).absolute()))


class ClipWarehouseError(Exception):
    """Base of all; its text is one line for a person to act on."""

    exit_code = 1

    def __reduce__(
        self,
    ) -> tuple[Callable[..., ClipWarehouseError], tuple[type, tuple[object, ...], dict[str, object]]]:
        """Pickled as its text: the arguments of the constructor are not kept."""
        return _again, (type(self), self.args, vars(self))


class UsageError(ClipWarehouseError):
    exit_code = 2


class UnknownLayer(UsageError):
    def __init__(self, address: str, known: Sequence[str]) -> None:
        listed = ", ".join(known[-6:])
        hint = f"this model has {number_of(len(known), 'layer')}, among them {listed}" if known else "write 4/2/6"
        super().__init__(f"no layer {address!r}: {hint} (block/bottleneck/index), or 'all'")


class UnknownBottleneck(UsageError):
    def __init__(self, address: str, known: Sequence[str] = ()) -> None:
        hint = f"this model has {', '.join(known)}, or 'all'" if known else "write block/bottleneck, like 4/2"
        super().__init__(f"no bottleneck {address!r}: {hint}")


class UnknownChannel(UsageError):
    def __init__(self, channel: int, layer: str, count: int) -> None:
        super().__init__(f"no channel {channel} in {layer}: it has {count}, from {layer}/0 to {layer}/{count - 1}")


class NoPath(UsageError):
    def __init__(self, lower: str, upper: str, below: Sequence[str]) -> None:
        listed = ", ".join(below[:6])
        hint = f"those that reach it, nearest first, are {listed}" if below else f"nothing is below {upper}"
        super().__init__(f"no path from {lower} to {upper}: {hint}; 'all' takes every layer that has one")


class RunnerMissing(UsageError):
    def __init__(self) -> None:
        super().__init__("--runner ray needs Ray: pip install '.[ray]' in the checkout, or take --runner local")


class WarehouseError(ClipWarehouseError):
    pass


class WarehouseMissing(WarehouseError):
    def __init__(self, path: Path) -> None:
        super().__init__(
            f"no warehouse at {path}: make one with 'clip-warehouse demo --warehouse {typed(path)}', "
            "or name yours with --warehouse or CLIP_WAREHOUSE"
        )


class NotAWarehouse(WarehouseError):
    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} is not a CLIP circuits warehouse ({reason}): name another file with --warehouse")


class NotAllowed(WarehouseError):
    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"cannot read {path} ({reason}): ask its owner for access to it and its folder, or name another file "
            "with --warehouse"
        )


class SchemaMismatch(WarehouseError):
    def __init__(self, path: Path, version: int, wanted: int) -> None:
        age = "an older" if version < wanted else "a newer"
        command = f"clip-warehouse migrate --warehouse {typed(path)}"
        older = f"'{command}' upgrades it, as any ingest into it does; its rows stay"
        newer = "install a newer clip-warehouse; the file is left as it is"
        super().__init__(
            f"{path} was made by {age} version (schema {version}, this program writes {wanted}): "
            f"{older if version < wanted else newer}"
        )


class OtherViews(WarehouseError):
    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"{path} was last written by another version and lacks what this one asks for ({reason}): "
            f"'clip-warehouse migrate --warehouse {typed(path)}' adds it"
        )


class WarehouseBusy(WarehouseError):
    def __init__(self, path: Path, holder: str, waited_s: float) -> None:
        super().__init__(
            f"{path} was held by {holder} for {waited_s:.0f} s: nothing is lost; close it there, "
            "then run the same command again (or 'clip-warehouse load' to load what is staged)"
        )


class RunBusy(WarehouseBusy):
    def __init__(self, path: Path) -> None:
        ClipWarehouseError.__init__(
            self, f"another process is computing this very run into {path}: let it finish, nothing is lost"
        )


class StorageFull(WarehouseError):
    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"cannot write {path}: {reason}; finished shards are kept: free some space, or remove that cause, "
            "and run the same command again"
        )


class BrokenShard(WarehouseError):
    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"cannot use shard {path} ({reason}): the same ingest command computes it again")


class NeverWhole(WarehouseError):
    def __init__(self, folder: Path, shard_index: int, times: int) -> None:
        super().__init__(
            f"shard {shard_index} was computed {times} times, and never read from {folder} as it was written: check "
            "that disk (or the network to it), then run the same command again; the other shards are kept"
        )


class CannotMerge(WarehouseError):
    def __init__(self, other: Path, reason: str) -> None:
        super().__init__(
            f"cannot merge {other} ({reason}): nothing was changed; "
            f"clip-warehouse check --warehouse {typed(other)} shows what is wrong with it"
        )


class QueryError(ClipWarehouseError):
    pass


class QueryRefused(QueryError):
    pass


class QueryTimeout(QueryError):
    def __init__(self, limit_s: float) -> None:
        super().__init__(f"stopped after {limit_s:g} s: narrow the query (one unit, one layer), or raise --timeout")


class TooManyRows(QueryError):
    def __init__(self, most: int) -> None:
        super().__init__(
            f"the answer has more than {most:,} rows, and no limit was given: give one (row_limit=N, --limit N), "
            "aggregate in SQL, write a table or view with 'clip-warehouse export RELATION FILE.parquet', or read in "
            "batches with warehouse.read(path).sql(...).to_arrow_reader()"
        )


class MachineFault(ClipWarehouseError):
    def __init__(self, what: str, reason: str, advice: str = "free memory or raise the limit") -> None:
        super().__init__(
            f"{what}: {reason}; nothing of it is stored, finished shards are kept: {advice}, "
            "and run the same command again"
        )


class ClusterFailed(ClipWarehouseError):
    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(f"{reason}; finished shards are kept: {advice}")


class UnknownUnit(ClipWarehouseError):
    pass


class UnknownRun(ClipWarehouseError):
    def __init__(self, path: Path, run_id: int, reason: str) -> None:
        super().__init__(f"cannot take run {run_id} of {path}: {reason}; clip-warehouse status lists the runs")


class InputError(ClipWarehouseError):
    pass


class CannotWrite(InputError):
    def __init__(self, path: Path | str, error: OSError | Exception) -> None:
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        super().__init__(f"cannot write {path}: {reason}; name another path")


class BadLabel(InputError):
    def __init__(self, label: str, longest: int) -> None:
        shown = label if len(label) <= longest else f"{label[:longest]}…"
        super().__init__(f"no label {shown!r}: write a word or two, at most {longest} characters on one line")


class DownloadFailed(InputError):
    """`reason` alone goes into a row's error_message."""

    advice = "check the address, or leave it out"

    def __init__(self, url: str, reason: str) -> None:
        self.url, self.reason = url, reason
        super().__init__(f"cannot download {url}: {reason}; {self.advice}")


class SiteGone(DownloadFailed):
    advice = "downloads so far are kept: run the same command again when the site is back"


class SetUnanswered(InputError):
    def __init__(self, count: int, total: int, url: str, reason: str) -> None:
        super().__init__(
            f"{count:,} of {number_of(total, 'picture')} cannot be fetched now, the first {url} ({reason}): "
            "downloads so far are kept; run the same command again when the network or the site is back, or add "
            "--unanswered keep"
        )


class PictureGone(InputError):
    def __init__(self, uri: str, reason: str) -> None:
        super().__init__(
            f"{uri} has gone since the set was read ({reason}): put it back, or leave it out, and run the same "
            "command again"
        )


class ModelUnavailable(InputError):
    pass


class HubGone(ModelUnavailable):
    def __init__(self, what: str, reason: str) -> None:
        super().__init__(
            f"cannot download {what}: {reason}; run the same command again later, or take a checkpoint file "
            "(--pretrained FILE), --model local-dir:PATH, --pretrained random, or --model emoji-rn50"
        )


class TextTooLarge(InputError):
    pass


def _again(
    kind: type[ClipWarehouseError], arguments: tuple[object, ...], state: dict[str, object]
) -> ClipWarehouseError:
    error = kind.__new__(kind, *arguments)
    error.args = arguments
    vars(error).update(state)
    return error
