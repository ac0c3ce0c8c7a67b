"""From what users write to the settings tree: a file, then `--set` overrides.

| module         | what it does                                                |
|----------------|-------------------------------------------------------------|
| `files`        | a Python or YAML file becomes a plain dict                  |
| `plain`        | nothing but text, numbers, lists and mappings, of finite size |
| `forms`        | names that other frameworks give to the same settings       |
| `overrides`    | `--set a.b=c`                                               |
| `validation`   | a plain dict becomes the settings tree                      |

Everything that can be wrong with it ends in one sentence that names the file, the
key, what was received and what to write instead.
"""

from trackdnn.configuration.files import MAX_BYTES, read_content
from trackdnn.configuration.overrides import override
from trackdnn.configuration.validation import load_settings, settle, validate

__all__ = [
    "MAX_BYTES",
    "load_settings",
    "override",
    "read_content",
    "settle",
    "validate",
]
