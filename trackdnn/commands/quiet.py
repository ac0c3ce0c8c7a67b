"""TensorFlow without its greetings."""

from __future__ import annotations

import importlib
import os
import sys

from trackdnn.silence import silenced


def start_tensorflow(*, devices: bool = True) -> None:
    """Import TensorFlow; what it says is shown only if that fails.

    With `devices` it looks for them as well, after which the number of threads stands.
    """
    if "tensorflow" in sys.modules:
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with silenced():
        tensorflow = importlib.import_module("tensorflow")
        if devices:
            tensorflow.config.list_logical_devices()
