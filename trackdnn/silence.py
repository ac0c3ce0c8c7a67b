"""What libraries written in C++ say on stderr, kept back unless something fails.

TensorFlow 2.21 greets, remarks on processors and calls a machine without a GPU an
error, whatever TF_CPP_MIN_LOG_LEVEL says.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator


@contextlib.contextmanager
def silenced() -> Iterator[None]:
    """Within it nothing reaches stderr; after an exception, all that was said does."""
    sys.stderr.flush()
    real = os.dup(2)
    with tempfile.TemporaryFile() as said:
        os.dup2(said.fileno(), 2)
        try:
            yield
        except BaseException:
            said.seek(0)
            os.write(real, said.read())
            raise
        finally:
            os.dup2(real, 2)
            os.close(real)
