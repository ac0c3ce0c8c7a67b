import pytest

from trackdnn.cli import main
from trackdnn.simulation import event_production
from trackdnn.simulation.event_production import EventProduction
from trackdnn.simulation.event_worker import Sample, Summary
from trackdnn.simulation.simulated_event import Response


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """What the command asks for; nothing is simulated."""
    calls = {}

    def simulate_events(folder, sample, **options):
        calls.update(folder=folder, sample=sample, **options)
        tracks = (40, 50, 0.25) if sample.ckf else (None, None, None)
        events = [Summary(n, 1000 * n, 150, 80, 3000, 1.5, *tracks) for n in (1, 2)]
        return EventProduction(folder, events, made=1, seconds=3.0)

    monkeypatch.setattr(event_production, "simulate_events", simulate_events)
    return calls


def test_simulate_events_passes_its_options_on(asked, tmp_path):
    words = "--mu 20 --events 2 --process minbias --seed 5 --workers 3 --noise 0.1"
    words += " --first 61 --hit-loss 0.02 --no-cells --ckf --no-gzip --quiet"

    code = main(["simulate", "events", "-o", str(tmp_path), *words.split()])

    assert code == 0
    assert asked == {
        "folder": tmp_path,
        "sample": Sample("minbias", 20.0, 5, Response(0.1, 0.02), False, True, False),
        "events": 2,
        "first": 61,
        "workers": 3,
        "progress": False,
    }


def test_simulate_events_prints_what_was_made(asked, tmp_path, capsys):
    main(["simulate", "events", "-o", str(tmp_path), "--ckf"])

    out, err = capsys.readouterr()
    lines = {
        line.split("│")[1].strip(): line for line in out.splitlines() if "│" in line
    }
    assert lines["hits"].replace("│", " ").split() == ["hits", "1500", "1000", "2000"]
    assert "40" in lines["tracks of ACTS"]
    assert "1.50 CPU seconds per event, 3.0 s in all" in err
    assert "1 of the events were there already" in err
    assert "ACTS found the tracks in 0.25 CPU seconds per event" in err


def test_simulate_events_is_silent_about_tracks_without_ckf(asked, tmp_path, capsys):
    main(["simulate", "events", "-o", str(tmp_path)])

    assert "tracks" not in "".join(capsys.readouterr())


def test_simulate_events_needs_a_folder(asked, capsys):
    assert main(["simulate", "events"]) == 2
    assert "--output" in capsys.readouterr().err
