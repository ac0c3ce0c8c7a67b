import pytest

from trackdnn.configuration.validation import validate
from trackdnn.errors import SettingsError


@pytest.fixture
def refusal():
    """The one line with which settings are refused."""

    def refuse(content):
        with pytest.raises(SettingsError) as caught:
            validate(content, "file.yaml")
        message = str(caught.value)
        assert "\n" not in message
        assert message.startswith("file.yaml: ")
        return message

    return refuse


@pytest.fixture
def stage():
    """The stage that a mapping of a training becomes."""

    def make(**training):
        [only] = validate({"training": training}).training
        return only

    return make
