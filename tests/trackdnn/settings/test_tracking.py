import pytest
from pydantic import ValidationError

from trackdnn.settings import LocalSettings


@pytest.mark.parametrize(
    ("content", "tracker"),
    [
        ({}, "none"),
        ({"tracker": "wandb"}, "wandb"),
        ({"tensorboard": True}, "tensorboard"),
        ({"tensorboard": False}, "none"),
        ({"tensorboard": False, "tracker": "wandb"}, "wandb"),
        # As Dingo's settings have it.
        ({"wandb": {"project": "dingo", "group": "O4"}}, "wandb"),
        ({"wandb": {"project": "dingo"}, "tracker": "none"}, "none"),
        ({"wandb": {}, "tensorboard": True}, "tensorboard"),
    ],
)
def test_tracker_is_chosen_in_old_ways_too(content, tracker):
    found = LocalSettings.model_validate(content)

    assert found.tracker == tracker
    # Written down, it says the same.
    assert LocalSettings.model_validate(found.model_dump(mode="json")) == found


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("sh -c 'echo done >> log'", ("sh", "-c", "echo done >> log")),
        (["cp", "run.json", "a b"], ("cp", "run.json", "a b")),
        ("", ()),
        ([], ()),
    ],
)
def test_on_finish_is_words_or_a_text(value, words):
    assert LocalSettings.model_validate({"on_finish": value}).on_finish == words


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"tracker": "mlflow"}, "'none', 'tensorboard' or 'wandb'"),
        (
            {"tensorboard": True, "tracker": "none"},
            "tensorboard=true means tracker='tensorboard'. Received: tracker='none'",
        ),
        ({"tensorboard": "maybe"}, "tensorboard must be true or false. .*'maybe'"),
        ({"wandb": {"projekt": "x"}}, "Extra inputs are not permitted"),
        ({"wandb": {"project": ""}}, "at least 1 character"),
        ({"wandb": {"mode": "later"}}, "'online', 'offline' or 'disabled'"),
        ({"wandb": {"id": "a/b"}}, "String should match"),
        ({"on_finish": "echo 'half"}, "must be words.*No closing quotation"),
        ({"on_finish": ["", "x"]}, "must begin with the name of a program"),
        ({"on_finish": ["echo", "a\0b"]}, "without NUL characters"),
        ({"on_finish": 3}, "valid tuple"),
        ({"on_finish_seconds": 0}, "greater than 0"),
    ],
)
def test_tracking_settings_explain_what_is_wrong(content, message):
    with pytest.raises(ValidationError, match=message):
        LocalSettings.model_validate(content)
