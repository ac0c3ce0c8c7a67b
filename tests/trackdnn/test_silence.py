"""Nothing reaches stderr, unless something fails."""

import os

import pytest

from trackdnn.silence import silenced


def test_what_is_said_is_kept_back(capfd):
    with silenced():
        os.write(2, b"hello from C++\n")
    os.write(2, b"after\n")

    assert capfd.readouterr().err == "after\n"


def fail_noisily():
    with silenced():
        os.write(2, b"hello from C++\n")
        raise ValueError("broken")


def test_what_was_said_before_a_failure_is_shown(capfd):
    with pytest.raises(ValueError, match="broken"):
        fail_noisily()

    assert capfd.readouterr().err == "hello from C++\n"
