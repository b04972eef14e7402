"""Imports open_clip without what its ResNets never use: each process that measures starts three seconds sooner.

open_clip imports timm and transformers, where they are installed, which have towers of other kinds, and torchvision's
operators. One of those imports PyTorch's compiler for one question, which it asks only when called. Afterwards all can
be imported as usual.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

_OTHER_TOWERS = ("timm", "transformers")
_COMPILER, _QUESTIONS = "torch._dynamo", "torch._dynamo.utils"


class _Later(ModuleType):
    """Stands in for a module until an attribute is used that an import alone does not need."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # asked of every module, by Python's import and inspect
            raise AttributeError(name)
        _make_way()
        return getattr(import_module(self.__name__), name)


def import_open_clip() -> None:
    """Import open_clip, if nobody has. Standing in for the rest lasts for the import alone."""
    if "open_clip" in sys.modules:
        return
    spec = find_spec(_COMPILER)  # imports PyTorch itself
    if _COMPILER not in sys.modules and spec is not None:
        _stand_in(_COMPILER, __path__=spec.submodule_search_locations)
        _stand_in(_QUESTIONS, is_compile_supported=_is_compile_supported)
    unwanted = [name for name in _OTHER_TOWERS if name not in sys.modules]
    for name in unwanted:
        sys.modules[name] = None  # type: ignore[assignment]  # an ImportError, which open_clip is prepared for
    try:
        import_module("open_clip")
    finally:
        _make_way()
        for name in unwanted:
            del sys.modules[name]


def _stand_in(module_name: str, **attributes: Any) -> None:
    sys.modules[module_name] = _Later(module_name)
    vars(sys.modules[module_name]).update(attributes)


def _make_way() -> None:
    for name in (_COMPILER, _QUESTIONS):
        if isinstance(sys.modules.get(name), _Later):
            del sys.modules[name]


def _is_compile_supported(device_type: Any) -> Any:
    return import_module(_QUESTIONS).is_compile_supported(device_type)
