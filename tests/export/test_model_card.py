from __future__ import annotations

from export import model_card


def test_model_card_tells_inputs_and_figures(bundle):
    card = (bundle.folder / "model_card.md").read_text()

    assert "| 28 | input28 | GeV | identity | -3 .. 3 |" in card
    assert "| auc | 0.98 |" in card
    assert "| tracks | 1000 |" in card
    assert "| loose.overall | -0.5 |" in card
    assert "| frozen_graph | Identity |" in card
    assert "one of [4, 5, 7, 9, 22]" in card


def test_model_card_says_what_is_not_known(bundle):
    card = model_card.render({**bundle.manifest, "evaluation": {}})

    assert "## Evaluation\n\nNot recorded." in card


def test_model_card_keeps_tables_whole(bundle):
    card = model_card.render({**bundle.manifest, "training": {"a|b": "c\nd"}})

    assert "| a\\|b | c d |" in card


def test_model_card_shows_cuts_per_iteration(bundle):
    cuts = {"loose": {"cut": -0.25}, "tight": {"cut": 0.5}}
    points = {
        "overall": cuts,
        "iterations": {"initialStep": {"originalAlgo": 4, "cuts": cuts}},
    }

    card = model_card.render({**bundle.manifest, "working_points": points})

    assert "| iteration | loose | tight |" in card
    assert "| initialStep | -0.2500 | 0.5000 |" in card


def test_model_card_leaves_long_lists_to_the_manifest(bundle):
    training = {"data": {"populations": [{"tracks": 3}, {"tracks": 4}]}}

    card = model_card.render({**bundle.manifest, "training": training})

    assert "| data.populations | 2 entries, see manifest.json |" in card


def test_model_card_names_targets(bundle):
    card = (bundle.folder / "model_card.md").read_text()
    older = {k: v for k, v in bundle.manifest.items() if k != "target"}

    assert "Made for cmssw-13_0. By their rules it also runs at: cmssw-13_0, " in card
    assert "## Targets\n\nNot recorded." in model_card.render(older)
