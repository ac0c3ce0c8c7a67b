import pytest

from trackdnn.settings.patterns import compiles


def test_pattern_stays_as_it_is():
    assert compiles("^stem|block_[01]") == "^stem|block_[01]"


@pytest.mark.parametrize("text", ["(", "a{99999999999999999999}", "(" * 9000])
def test_text_that_is_no_pattern_is_refused(text):
    with pytest.raises(ValueError, match="must be a regular expression"):
        compiles(text)
