"""Texts of others stay texts: in YAML, Markdown, tables, and on the console."""

from __future__ import annotations

import json

import pytest

SCRIPT = "<script>alert(1)</script>"
LINK = "[free](javascript:alert(1))"
FORMULA = "=cmd|' /C calc'!A0"

TAGS = [
    "!!python/object/apply:os.system ['touch {marker}']",
    "!!python/object/apply:subprocess.check_output [['touch', '{marker}']]",
    "!!python/object/new:os.system ['touch {marker}']",
    "!!python/name:os.system",
    "!!python/module:os",
    '!!python/object/apply:builtins.open ["{marker}", "w"]',
]


@pytest.mark.parametrize("tag", TAGS)
def test_yaml_tags_in_settings(tag, tmp_path, marker, refused):
    path = tmp_path / "settings.yaml"
    path.write_text(f"seed: {tag.format(marker=marker)}\n")

    assert str(path) in refused("train", "none.root", "--config", path)


@pytest.mark.parametrize("tag", TAGS)
def test_yaml_tags_in_a_run(tag, run, reseal_run, marker, refused):
    text = (run / "settings.yaml").read_text()
    evil = f"seed: {tag.format(marker=marker)}"
    (run / "settings.yaml").write_text(text.replace("seed: 3", evil, 1))
    reseal_run(run)

    assert "settings.yaml" in refused("export", run)


@pytest.mark.parametrize("tag", TAGS)
def test_yaml_tags_in_local_settings(tag, run, marker, capsys):
    from trackdnn.cli import main

    (run / "local.yaml").write_text(f"workers: {tag.format(marker=marker)}\n")

    assert main(["edit", str(run), "--set", "local.workers=1"]) in (0, 2)
    assert "bug" not in capsys.readouterr().err


def test_yaml_that_grows_without_end(tmp_path, refused):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    path = tmp_path / "laughs.yaml"
    path.write_text("\n".join(lines))

    refused("train", "none.root", "--config", path)


@pytest.fixture
def with_names(bundle, reseal):
    """A function that gives the first input, its unit and the category such names."""

    def run(text):
        inputs = json.loads((bundle / "manifest.json").read_text())["inputs"]
        inputs["features"]["columns"][0] |= {"name": text, "unit": text}
        inputs["category"]["column"] = text
        reseal(bundle, inputs=inputs)
        return bundle

    return run


def card_of(bundle):
    from export.manifest import read_bundle
    from export.model_card import render

    return render(read_bundle(bundle).manifest)


@pytest.mark.parametrize(
    ("text", "never"),
    [
        (SCRIPT, "<script"),
        ("<img src=x onerror=y>", "<img"),
        (LINK, "](javascript"),
        (f"a | b\n\n# Title\n{SCRIPT}", "\n# Title"),
    ],
)
def test_names_of_inputs_in_the_model_card(with_names, text, never):
    card = card_of(with_names(text))

    assert never not in card
    rows = [line for line in card.splitlines() if line.startswith("| 0 |")]
    assert len(rows) == 1
    assert rows[0].replace("\\|", "").count("|") == 6


def test_facts_of_a_training_in_the_model_card(bundle, reseal):
    reseal(bundle, training={SCRIPT: SCRIPT, "a": {"b": LINK}, "files": [SCRIPT]})

    card = card_of(bundle)

    assert "<script" not in card
    assert "](javascript" not in card


def test_names_of_samples_in_the_report():
    from trackdnn.evaluation.tables import Plain

    rows = ((SCRIPT, "a|b"), (LINK, "c\nd"))

    text = Plain("Title", ("Input", "Figure"), rows).to_markdown()

    assert "<script" not in text
    assert "](javascript" not in text
    assert len(text.strip().splitlines()) == 6


@pytest.mark.parametrize("text", [FORMULA, "+1+cmd", "-2+3+cmd", "@SUM(A1)", "\t=1"])
def test_drawn_values_in_the_table_of_a_search(text):
    from trackdnn.search.results import _as_text

    assert _as_text(text) == f"'{text}"


@pytest.mark.parametrize("value", [-1.5, 3, "adam", "1e-3", [1, 2], None])
def test_plain_values_in_the_table_of_a_search(value):
    from trackdnn.search.results import _as_text

    assert not _as_text(value).startswith("'")


STEERING = "[red]name[/red]\x1b]0;title\x07\u202e\x9b2J"


def is_harmless(text):
    return all(one.isprintable() or one == "\n" for one in text)


def test_markup_and_control_characters_on_the_console(with_names, capsys):
    from trackdnn.cli import main

    assert main(["inspect", str(with_names(STEERING))]) == 0
    said = capsys.readouterr().out
    assert "[red]name[/red]\\x1b]0;title\\x07\\u202e\\x9b2J" in said
    assert is_harmless(said)


def test_control_characters_in_refusals(bundle, reseal, refused):
    files = json.loads((bundle / "manifest.json").read_text())["files"]
    entry = {"bytes": 0, "sha256": ""}
    reseal(bundle, files={**files, STEERING: entry})

    for command in ("inspect", "verify"):
        line = refused(command, bundle)
        assert "title\\x07" in line
        assert is_harmless(line)


def test_control_characters_in_the_lines_of_the_standalone_file(bundle, reseal, capsys):
    from export import verify

    reseal(bundle, created=STEERING)

    verify.main([str(bundle), "--runtime", "onnxruntime"])
    assert is_harmless(capsys.readouterr().out)
