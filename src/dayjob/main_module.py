"""The program's main module, and the same module once more in a child process.

As with ``multiprocessing`` it is run there under the name ``__mp_main__``, so that what stands under
``if __name__ == "__main__":`` is left out, and is the child's ``__main__`` too: pickle, ``ProcessPoolExecutor`` and
annotations find in it what they look for.
"""

from __future__ import annotations

import importlib.util
import io
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.machinery import SourcelessFileLoader
from types import CodeType, ModuleType
from typing import Any

_AGAIN = "__mp_main__"
NAMES = ("__main__", _AGAIN)


@dataclass(frozen=True, slots=True)
class MainModule:
    """How the main module can be run again: the ``name`` of ``python -m name``, or else the ``file`` of a script."""

    name: str | None
    file: str | None

    @classmethod
    def of(cls, namespace: Mapping[str, Any]) -> MainModule | None:
        """The main module with this namespace; None if it cannot be run again (a notebook, ``python -c``)."""
        name = getattr(namespace.get("__spec__"), "name", None)
        file = namespace.get("__file__")
        if name is not None and name not in NAMES:
            return cls(name, None)
        if isinstance(file, str) and os.path.isfile(file):
            return cls(None, os.path.abspath(file))
        return cls(name, None) if name == "__main__" else None  # an archive

    def run_again(self) -> ModuleType:
        """Make it this process's main module, and run it under its other name."""
        sys.modules.pop("__main__", None)  # an archive's own is found by that name
        module = ModuleType(_AGAIN)
        code = _code_of_file(self.file, module) if self.name is None else _code_of_module(self.name, module)
        sys.modules["__main__"] = sys.modules[_AGAIN] = module
        exec(code, module.__dict__)  # noqa: S102 (it is the app's own code, which has run in the app already)
        return module


def _code_of_module(name: str, module: ModuleType) -> CodeType:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.loader is None:
        raise ImportError(f"The main module {name} cannot be found again.")
    module.__spec__, module.__loader__, module.__package__ = spec, spec.loader, spec.parent
    module.__file__ = spec.origin
    return _code_by(spec.loader, name)


def _code_of_file(file: str | None, module: ModuleType) -> CodeType:
    module.__file__ = file = str(file)
    if file.endswith(".pyc"):
        return _code_by(SourcelessFileLoader(_AGAIN, file), _AGAIN)
    with io.open_code(file) as source:
        return compile(source.read(), file, "exec", dont_inherit=True)


def _code_by(loader: Any, name: str) -> CodeType:
    code: CodeType | None = loader.get_code(name)
    if code is None:
        raise ImportError(f"The main module {name} has no code that could be run again.")
    return code
