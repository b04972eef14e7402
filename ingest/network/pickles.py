"""A pickle read as a description: what it would build, without building it.

A pickle is a small program; Python's own reader runs it and calls whatever it names. Here no name is looked up and
nothing is called: names, calls and objects come out as plain data, from which `archives` takes the tensors and ignores
the rest. No list of harmless names is needed: an optimizer, a numpy scalar or malicious code beside the weights does
nothing.
"""

from __future__ import annotations

import pickletools
from dataclasses import dataclass
from typing import Any, BinaryIO


class Unreadable(ValueError):
    """Bytes that are not a pickle, or a pickle that is cut short."""


@dataclass(frozen=True, eq=False)
class Name:
    """A function or a class that a pickle names."""

    path: str


@dataclass(eq=False)
class Made:
    """An object that a pickle would make: by calling which name, with which arguments and state."""

    by: object
    arguments: object
    state: object = None


@dataclass(frozen=True, eq=False)
class Reference:
    """Something that a pickle leaves to its container, like a storage of numbers."""

    to: object


_CONTAINERS = ("collections.OrderedDict", "builtins.dict", "__builtin__.dict")
_TUPLES = {"EMPTY_TUPLE": 0, "TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_NOTHING_TO_DO = ("PROTO", "FRAME")
_REFUSED = ("EXT1", "EXT2", "EXT4", "NEXT_BUFFER", "READONLY_BUFFER")


def described(file: BinaryIO) -> object:
    """The description of the pickle that begins where `file` is; `file` is then at its end. Raises Unreadable."""
    reader = _Reader()
    try:
        for code, argument, _ in pickletools.genops(file):
            if code.name == "STOP":
                return reader.stack.pop()
            reader.take(code.name, argument)
    except Unreadable:
        raise
    except Exception as error:  # an empty stack, a missing mark, text that is not UTF-8: all mean a torn pickle
        raise Unreadable(f"not a complete pickle ({type(error).__name__})") from error
    raise Unreadable("not a complete pickle")


class _Reader:
    """The stack machine of the pickle format, with descriptions in place of objects."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.below: list[list[Any]] = []  # the stacks that marks have set aside
        self.memo: dict[int, Any] = {}

    def take(self, code: str, argument: Any) -> None:
        if code in _NOTHING_TO_DO:
            return
        if code in _REFUSED:
            raise Unreadable(f"{code} is not of a checkpoint")
        if code in _CONSTANTS:
            self.stack.append(_CONSTANTS[code])
        elif code in _TUPLES:
            self.stack.append(tuple(self._popped(_TUPLES[code])))
        elif step := getattr(self, f"_{code.lower()}", None):
            step(argument)
        elif argument is not None:
            self.stack.append(argument)  # numbers, texts and bytes of all lengths
        else:
            raise Unreadable(f"{code} is not of a checkpoint")

    def _popped(self, count: int) -> list[Any]:
        return [self.stack.pop() for _ in range(count)][::-1]

    def _since_mark(self) -> list[Any]:
        values, self.stack = self.stack, self.below.pop()
        return values

    def _mark(self, _: object) -> None:
        self.below.append(self.stack)
        self.stack = []

    def _pop(self, _: object) -> None:
        self.stack.pop() if self.stack else self._since_mark()

    def _pop_mark(self, _: object) -> None:
        self._since_mark()

    def _dup(self, _: object) -> None:
        self.stack.append(self.stack[-1])

    def _empty_list(self, _: object) -> None:
        self.stack.append([])

    def _empty_dict(self, _: object) -> None:
        self.stack.append({})

    def _empty_set(self, _: object) -> None:
        self.stack.append([])

    def _tuple(self, _: object) -> None:
        values = self._since_mark()
        self.stack.append(tuple(values))

    def _list(self, _: object) -> None:
        values = self._since_mark()
        self.stack.append(values)

    _frozenset = _list

    def _dict(self, _: object) -> None:
        values = self._since_mark()
        self.stack.append(_paired(values))

    def _append(self, _: object) -> None:
        self._extend([self.stack.pop()])

    def _appends(self, _: object) -> None:
        self._extend(self._since_mark())

    _additems = _appends

    def _extend(self, items: list[Any]) -> None:
        if isinstance(self.stack[-1], list):
            self.stack[-1].extend(items)

    def _setitem(self, _: object) -> None:
        self._update(self._popped(2))

    def _setitems(self, _: object) -> None:
        self._update(self._since_mark())

    def _update(self, items: list[Any]) -> None:
        if isinstance(self.stack[-1], dict):
            self.stack[-1].update(_paired(items))

    def _global(self, argument: str) -> None:
        self.stack.append(Name(argument.replace(" ", ".")))

    def _stack_global(self, _: object) -> None:
        self.stack.append(Name(".".join(map(str, self._popped(2)))))

    def _reduce(self, _: object) -> None:
        by, arguments = self._popped(2)
        is_container = isinstance(by, Name) and by.path in _CONTAINERS
        self.stack.append(_contained(arguments) if is_container else Made(by, arguments))

    def _newobj(self, _: object) -> None:
        self.stack.append(Made(*self._popped(2)))

    def _newobj_ex(self, _: object) -> None:
        by, arguments, _keywords = self._popped(3)
        self.stack.append(Made(by, arguments))

    def _inst(self, argument: str) -> None:
        values = self._since_mark()
        self.stack.append(Made(Name(argument.replace(" ", ".")), tuple(values)))

    def _obj(self, _: object) -> None:
        by, *arguments = self._since_mark()
        self.stack.append(Made(by, tuple(arguments)))

    def _build(self, _: object) -> None:
        state = self.stack.pop()
        if isinstance(self.stack[-1], Made):
            self.stack[-1].state = state

    def _persid(self, argument: str) -> None:
        self.stack.append(Reference(argument))

    def _binpersid(self, _: object) -> None:
        self.stack.append(Reference(self.stack.pop()))

    def _memoize(self, _: object) -> None:
        self.memo[len(self.memo)] = self.stack[-1]

    def _put(self, argument: Any) -> None:
        self.memo[int(argument)] = self.stack[-1]

    _binput = _long_binput = _put

    def _get(self, argument: Any) -> None:
        self.stack.append(self.memo[int(argument)])

    _binget = _long_binget = _get


def _paired(items: list[Any]) -> dict[Any, Any]:
    """Keys and values in turn; only text and numbers as keys, as nothing else names a tensor."""
    pairs = zip(items[::2], items[1::2], strict=True)
    return {key: value for key, value in pairs if isinstance(key, (str, int))}


def _contained(arguments: object) -> dict[Any, Any]:
    """The dictionary that a call makes: from nothing, from another dictionary, or from pairs."""
    if not isinstance(arguments, tuple) or not arguments:
        return {}
    if isinstance(arguments[0], dict):
        return dict(arguments[0])
    pairs = [pair for pair in arguments[0] if isinstance(pair, (tuple, list)) and len(pair) == 2]
    return _paired([each for pair in pairs for each in pair])
