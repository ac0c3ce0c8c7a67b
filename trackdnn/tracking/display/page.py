"""One page for the browser that holds an event, and asks the network for nothing."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from pathlib import Path
from typing import TYPE_CHECKING

from trackdnn.tracking.display.payload import payload

if TYPE_CHECKING:
    from trackdnn.tracking.display.scene import Scene

_PARTS = Path(__file__).parent / "page"
# Later ones use what earlier ones define.
_SCRIPTS = (
    "data.js",
    "theme.js",
    "matrices.js",
    "camera.js",
    "projection.js",
    "shaders.js",
    "buffers.js",
    "painter.js",
    "axes.js",
    "picking.js",
    "panel.js",
    "legend.js",
    "mouse.js",
    "keys.js",
    "main.js",
)
# What would end a script, or a line of one, in the middle of a text.
_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def page_of(scene: Scene, min_pt: float = 0.0) -> str:
    """The page of a scene, as HTML.

    Args:
        scene: What is shown.
        min_pt: Threshold at which the page opens, GeV.
    """
    script, style = _script(), _part("page.css")
    filled = {
        "{{policy}}": html.escape(_policy(script, style)),
        "{{title}}": html.escape(f"{scene.name} - event display"),
        "{{style}}": style,
        "{{scene}}": _json(scene, min_pt),
        "{{script}}": script,
    }
    # In the order of the page: no mark is looked for in what has been filled in.
    pieces = [_part("page.html")]
    for mark, text in filled.items():
        before, after = pieces.pop().split(mark)
        pieces += [before, text, after]
    return "".join(pieces)


def _policy(script: str, style: str) -> str:
    """Nothing but this script and this style: no network, whatever the names hold."""
    return (
        f"default-src 'none'; script-src '{_hash(script)}'; "
        f"style-src '{_hash(style)}'; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return "sha256-" + base64.b64encode(digest).decode("ascii")


def _json(scene: Scene, min_pt: float) -> str:
    text = json.dumps(payload(scene, min_pt), ensure_ascii=False, allow_nan=False)
    return text.translate(_ESCAPES)


def _script() -> str:
    body = "\n".join(_part(name) for name in _SCRIPTS)
    return f'"use strict";\n(() => {{\n{body}\n}})();\n'


def _part(name: str) -> str:
    return (_PARTS / name).read_text(encoding="utf-8")
