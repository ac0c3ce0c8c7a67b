"""Settings files that people, editors and disks might come up with, by hypothesis."""

from __future__ import annotations

import dataclasses
import io
import json
from typing import Any

from hypothesis import strategies as st
from ruamel.yaml import YAML

from benchmarks.settings_trees import BASES, keys, mutated, tuned, values


@dataclasses.dataclass(frozen=True)
class SettingsFile:
    """A file: what is wrong with it, if anything, how its name ends, and its bytes."""

    kind: str
    suffix: str
    content: bytes


def as_json(tree: Any) -> str:
    """A tree as JSON, which YAML includes, but for what is not finite."""
    text = json.dumps(tree)
    return text.replace("NaN", ".nan").replace("Infinity", ".inf")


def as_yaml(tree: Any) -> str:
    """A tree as people write YAML, with lines of its own for each setting."""
    stream = io.StringIO()
    YAML().dump(json.loads(json.dumps(tree)), stream)
    return stream.getvalue()


TEXTS = tuple(as_yaml(base) for base in BASES)
_SCRAPS = (
    *(
        "\t",
        "  ",
        "\n",
        ":",
        "- ",
        "{",
        "]",
        "&a ",
        "*a",
        "<<: *a\n",
        "!!python/x ",
        "#",
    ),
    *(
        "seed: 1\n",
        "---\n",
        "%YAML 9.9\n",
        "? ",
        "| ",
        "> ",
        "!!binary x",
        "\x00",
        "\ufeff",
    ),
    *("!!set {a}", "2026-01-01", "!!float x", "!!int 9_", "=", "@", "`", "'", '"'),
)


@st.composite
def damaged(draw: Any) -> bytes:
    """The text of a settings file after slips of the hand, or of a disk."""
    content = draw(st.sampled_from(TEXTS)).encode()
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(content)))
        to = min(at + draw(st.sampled_from((0, 0, 0, 1, 2, 30))), len(content))
        scrap = draw(st.sampled_from(_SCRAPS)).encode()
        piece = draw(st.sampled_from((scrap, b"", b"\xff", content[at : at + 40])))
        content = content[:at] + piece + content[to:]
    return content


@st.composite
def bombs(draw: Any) -> str:
    """Small files that stand for much: aliases of aliases, brackets, digits."""
    levels, width = draw(st.integers(1, 30)), draw(st.integers(1, 12))
    where = draw(st.sampled_from(("model: {options: {x: *a0}}", "a: *a0", "data: *a0")))
    lines = [f"x: &a{levels} [1, 2]"]
    for level in reversed(range(levels)):
        inner = ", ".join([f"*a{level + 1}"] * width)
        lines.append(f"y{level}: &a{level} [{inner}]")
    brackets = draw(st.sampled_from((10, 40, 60, 200, 1000)))
    return draw(
        st.sampled_from(
            (
                "\n".join([*lines, where]),
                f"{where}".replace("*a0", "[" * brackets + "]" * brackets),
                where.replace("*a0", "{a: " * brackets + "1" + "}" * brackets),
                "&a {data: *a}",
                f"seed: {'9' * draw(st.sampled_from((20, 5000)))}",
                f"seed: 0x{'f' * draw(st.sampled_from((20, 50_000)))}",
                f"model: {{options: {{width: 0x{'f' * 9999}}}}}",
            )
        )
    )


_PYTHON = (
    "raise SystemExit",
    "import sys; sys.exit(0)",
    "1 / 0",
    "import nowhere",
    "settings = {}; settings['data'] = settings",
    "settings = {'model': {'options': {'width': object()}}}",
    "settings = {'model': {'options': {1: {2}}}}",
    "settings = {'seed': b'1'}",
    "settings = {'training': ({'epochs': 3},)}",
    "settings = {None: 1, (1, 2): 3}",
    "class A:\n  def __repr__(self): raise KeyError\nsettings = {'seed': A()}",
    "class B(dict): pass\nsettings = B(seed=3)",
    "import numpy as n\nsettings = {'seed': n.int64(3)}",
    "import numpy as n\nsettings = {'model': {'options': {'dropout': n.float64(.1)}}}",
    "import collections as c\nsettings = c.OrderedDict(seed=3)",
    "settings = lambda: 1",
    "def f(): return f()\nsettings = f()",
    "settings = " + "[" * 500,
    "settings = " + "-" * 3000 + "1",
    "make_model = 1",
    "settings = {'a': '\\ud800'}",
    "settings\x00 = 1",
)


@st.composite
def python_files(draw: Any) -> bytes:
    """Python files with plain dicts, dicts of anything, and programs that fail."""
    if draw(st.booleans()):
        return draw(st.sampled_from(_PYTHON)).encode()
    text = f"nan = inf = float('nan')\nsettings = {draw(mutated())!r}\n"
    cut = draw(st.sampled_from((None, None, None, -2, -20)))
    return text[:cut].encode(errors="surrogatepass")


yaml_suffixes = st.sampled_from((".yaml", ".yml"))
files = st.one_of(
    st.builds(SettingsFile, st.just("random bytes"), yaml_suffixes, st.binary()),
    st.builds(
        SettingsFile,
        st.just("random text"),
        yaml_suffixes,
        st.text(alphabet=":-[]{}&*!|>'\"%@`#, \n\tab1.~<=?", max_size=60).map(
            str.encode
        ),
    ),
    st.builds(
        SettingsFile,
        st.just("random values"),
        yaml_suffixes,
        st.dictionaries(keys, values, max_size=4).map(as_json).map(str.encode),
    ),
    *[
        st.builds(
            SettingsFile,
            st.just("changed values"),
            yaml_suffixes,
            mutated(most).map(as_json).map(str.encode),
        )
        for most in (1, 2, 4)
    ],
    *[
        st.builds(
            SettingsFile,
            st.just("values that are hard to write"),
            yaml_suffixes,
            tuned().map(write).map(str.encode),
        )
        for write in (as_json, as_yaml)
    ],
    st.builds(SettingsFile, st.just("damaged text"), yaml_suffixes, damaged()),
    st.builds(SettingsFile, st.just("bombs"), yaml_suffixes, bombs().map(str.encode)),
    st.builds(SettingsFile, st.just("Python"), st.just(".py"), python_files()),
)
