import pytest


def test_rate_inside_the_optimizer_is_that_of_the_stage(stage):
    found = stage(optimizer={"type": "adam", "lr": 1e-4, "betas": [0.8, 0.9]})

    assert found.learning_rate == 1e-4
    assert found.optimizer.name == "adam"
    assert found.optimizer.options == {"beta_1": 0.8, "beta_2": 0.9}


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("AdamW", "adamw"),
        ("SGD", "sgd"),
        ("RMSprop", "rmsprop"),
        ("DAdaptAdam", "dadapt_adam"),
        ("AdamWScheduleFree", "schedule_free_adamw"),
    ],
)
def test_names_may_have_capital_letters(stage, theirs, ours):
    assert stage(optimizer=theirs).optimizer.name == ours
    assert stage(optimizer={"type": theirs, "lr": 1.0}).optimizer.name == ours


def test_options_have_their_names_in_pytorch(stage):
    found = stage(optimizer={"type": "RMSprop", "alpha": 0.99, "eps": 1e-8})

    assert found.optimizer.options == {"rho": 0.99, "epsilon": 1e-8}


@pytest.mark.parametrize(
    ("training", "part"),
    [
        ({"optimizer": {"type": "lbfgs", "lr": 1}}, "name must be one of"),
        ({"optimizer": {"type": "adam", "lr": 1}, "learning_rate": 2}, "give one of"),
        ({"optimizer": {"lr": 1}, "lr": 2}, "give one of them. Received: 1 and 2"),
        ({"optimizer": {"betas": 0.9}}, "optimizer.betas' must be a list of two"),
        ({"optimizer": {"betas": ["a", "b"]}}, "'beta_1' must be a number"),
        ({"optimizer": {"eps": 1, "options": 3}}, "must be a mapping"),
        ({"optimizer": {"eps": 1, "options": {"epsilon": 2}}}, "must be given once"),
        ({"optimizer": {"type": "sgd", "lr": 1, "weight_decay": 1}}, "to the gradient"),
        ({"optimizer": {"type": "adam", "lr": 1, "weight_decay": 1}}, "decays nothing"),
    ],
)
def test_what_is_not_the_same_here_is_refused(refusal, training, part):
    assert part in refusal({"training": training})
