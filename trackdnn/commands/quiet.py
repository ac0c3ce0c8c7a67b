"""TensorFlow without its greetings.

TensorFlow 2.21 writes remarks about oneDNN and the processor to stderr while it is
imported, whatever TF_CPP_MIN_LOG_LEVEL says.
"""

from __future__ import annotations

import importlib
import os
import sys
import tempfile


def start_tensorflow() -> None:
    """Import TensorFlow; what it says is shown only if that fails."""
    if "tensorflow" in sys.modules:
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    sys.stderr.flush()
    real = os.dup(2)
    with tempfile.TemporaryFile() as said:
        os.dup2(said.fileno(), 2)
        try:
            importlib.import_module("tensorflow")
        except BaseException:
            said.seek(0)
            os.write(real, said.read())
            raise
        finally:
            os.dup2(real, 2)
            os.close(real)
