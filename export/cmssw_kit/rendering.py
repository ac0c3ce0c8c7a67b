"""The texts of a kit, from the templates beside this module.

A template holds `$name` where something of the bundle belongs. Whatever goes into code
is checked here or before: a manifest may come from anywhere.
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from pathlib import Path

from export.cmssw_kit.cuts import literal
from export.errors import KitError

_TEMPLATES = Path(__file__).parent / "templates"
# A name of a tensor that needs no care within the quotes of a C++ string.
_TENSOR = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_./:-]*", re.ASCII)


def render(template: str, values: Mapping[str, str] | None = None) -> str:
    """The text of a template.

    Args:
        template: File name; the ending `.in` says that it has places to fill.
        values: What to fill in.
    """
    text = (_TEMPLATES / template).read_text(encoding="utf-8")
    return string.Template(text).substitute(values or {})


def verbatim(template: str) -> str:
    """The text of a file that is the same for every network."""
    return (_TEMPLATES / template).read_text(encoding="utf-8")


def parameter(module: str) -> str:
    """`initialStep` as CMSSW's dictionary of cuts writes it, `InitialStep`."""
    return module[:1].upper() + module[1:]


def cut_lines(iterations: Mapping[str, tuple[float, ...]]) -> str:
    """The rows of `qualityCutDictionary`."""
    return "\n".join(
        f"    {parameter(module)} = cms.vdouble({', '.join(map(literal, cuts))}),"
        for module, cuts in iterations.items()
    )


def tensor_name(name: object) -> str:
    """A name of a tensor, as a part of a C++ string.

    Raises:
        KitError: If it has characters that could mean something else there.
    """
    if not isinstance(name, str) or not _TENSOR.fullmatch(name):
        raise KitError(
            "The names of inputs and outputs must be letters, digits and _./:- in "
            f"ASCII for CMSSW. Received: {name!r}"
        )
    return name


def tolerance(value: object) -> str:
    """A positive single-precision number as C++ writes it.

    Raises:
        KitError: If it is none.
    """
    if type(value) is not float or not 0 < value < 1:
        raise KitError(
            "`parity.tolerance` in manifest.json must be a number between 0 and 1. "
            f"Received: {value!r}"
        )
    return f"{value:.9e}f"
