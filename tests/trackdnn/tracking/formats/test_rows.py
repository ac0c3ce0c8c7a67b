import dataclasses
from pathlib import Path

import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn.errors import BadFileError
from trackdnn.events.columns_of_csv import Table
from trackdnn.tracking.formats.rows import require_once, rows_of_hits, tracks_of_rows


def table(tracks, hits):
    columns = {"track_id": np.array(tracks), "hit_id": np.array(hits)}
    return Table(Path("t.csv"), {k: v.astype(np.int64) for k, v in columns.items()})


def shuffled(seed=1):
    """An event whose hits have names far from their rows."""
    event = toy_event(20, noise=10)
    names = np.random.default_rng(seed).permutation(1000)[: len(event)] + 10**15
    return dataclasses.replace(
        event, hits=dataclasses.replace(event.hits, hit_id=names)
    )


def test_rows_of_hits_are_found_by_name():
    event = shuffled()
    rows = np.array([3, 0, 9])

    found, known = rows_of_hits(np.append(event.hits.hit_id[rows], [7, 10**18]), event)

    assert found[:3].tolist() == rows.tolist()
    assert known.tolist() == [True, True, True, False, False]


def test_rows_make_tracks_in_the_order_of_ids_and_of_the_file():
    event = shuffled()
    names = event.hits.hit_id[[5, 2, 7, 1]]

    found = tracks_of_rows(table([9, 4, 9, -1], names), event)

    assert [found[i].tolist() for i in range(len(found))] == [[2], [5, 7]]


def test_rows_of_an_unknown_hit_are_refused():
    event = shuffled()
    names = [int(event.hits.hit_id[0]), 12]

    with pytest.raises(BadFileError, match=r"hits of event000000001.*: 12 in line 3"):
        tracks_of_rows(table([0, 0], names), event)


def test_rows_of_an_empty_event_know_no_hit():
    empty = toy_event(0)

    assert len(tracks_of_rows(table([], []), empty)) == 0
    with pytest.raises(BadFileError, match="hits of event000000001"):
        tracks_of_rows(table([0], [1]), empty)


def test_rows_must_not_repeat_in_a_group():
    require_once(table([0, 1], [5, 5]), "track_id", "Take it out.")
    with pytest.raises(BadFileError, match=r"once per track_id.*: 5 in line 4"):
        require_once(table([0, 1, 0], [5, 5, 5]), "track_id", "Take it out.")
