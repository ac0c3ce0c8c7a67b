"""Machine learning for charged-particle tracking, from a ROOT file to a network.

The packages `network` and `export` belong to this one and stand beside it, because
`python main.py` has to run from a checkout. Another folder of that name that comes
first on the import path would hide them, so this is checked here, once.
"""

from __future__ import annotations

from trackdnn.hidden import check_siblings
from trackdnn.version import __version__

check_siblings()

__all__ = ["__version__"]
