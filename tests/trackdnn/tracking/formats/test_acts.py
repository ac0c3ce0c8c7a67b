import dataclasses
import gzip

import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from trackdnn.errors import BadFileError
from trackdnn.tracking.formats.acts import is_acts, read_acts

# As CsvTrackWriter of ACTS 48.1.0 writes it.
HEADER = (
    "track_id,seed_id,particleId,nStates,nMajorityHits,nMeasurements,nOutliers,nHoles,"
    "nSharedHits,chi2,ndf,chi2/ndf,pT,eta,phi,truthMatchProbability,"
    "good/duplicate/fake,Measurements_ID\n"
)
ROW = (
    "{},81,vp=2|vs=0|p=41|g=0|sp=0,25,12,12,0,1,0,231.52,24,9.64668,0.447225,-1.37366,"
    '-3.1243,1,good,"{}"\n'
)


@pytest.fixture
def event():
    """Measurements are numbered from 0."""
    event = toy_event(10, noise=5)
    hits = dataclasses.replace(event.hits, hit_id=np.arange(len(event)))
    return dataclasses.replace(event, hits=hits)


def written(tmp_path, *lists, header=HEADER, name="event000000001-tracks_ckf.csv"):
    text = header + "".join(ROW.format(76 - i, one) for i, one in enumerate(lists))
    path = tmp_path / name
    path.write_bytes(gzip.compress(text.encode()) if ".gz" in name else text.encode())
    return path


@pytest.mark.parametrize("name", ["x.csv", "x.csv.gz"])
def test_acts_tracks_are_lists_of_measurements(event, tmp_path, name):
    path = written(tmp_path, "[5,3,8,]", "[3,1,]", "[]", name=name)

    found = read_acts(path, event)

    assert [found[i].tolist() for i in range(len(found))] == [[5, 3, 8], [3, 1], []]


def test_acts_tracks_are_known_by_their_header(event, tmp_path):
    old = HEADER.replace("Measurements_ID", "Hits_ID")

    assert is_acts(HEADER.strip().split(","))
    assert is_acts(old.strip().split(","))
    assert not is_acts(["track_id", "hit_id"])
    assert len(read_acts(written(tmp_path, "[1,]", header=old), event)) == 1


def test_acts_tracks_of_nothing_are_none(event, tmp_path):
    assert len(read_acts(written(tmp_path), event)) == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1,2,9999,]", r"measurements of event000000001.* 9999 in line 2.*simhit-map"),
        ("[1,2,1,]", r"once per track.* 1 twice in line 2"),
        ("1,2", r"must hold lists.* '1,2' in line 2"),
        ("[1,-2,]", r"must hold lists.*in line 2"),
        ("[1" + "0" * 30 + ",]", r"must hold lists.*in line 2"),
    ],
)
def test_acts_tracks_that_are_malformed_are_one_error(event, tmp_path, text, message):
    with pytest.raises(BadFileError, match=message):
        read_acts(written(tmp_path, text), event)


def test_acts_tracks_cut_short_are_one_error(event, tmp_path):
    path = written(tmp_path, "[1,]")
    path.write_text(path.read_text() + "77,3,x\n")

    with pytest.raises(BadFileError, match="3 columns in line 3"):
        read_acts(path, event)


def test_acts_tracks_with_an_open_quote_are_one_error(event, tmp_path):
    path = written(tmp_path, "[1,]")
    path.write_text(path.read_text() + '77,"' + "[3,1,]\n" * 20_000)

    with pytest.raises(BadFileError, match=r"CSV file.*field limit.*quote not closed"):
        read_acts(path, event)


def test_acts_tracks_without_their_lists_are_one_error(event, tmp_path):
    path = written(tmp_path, header="track_id,nStates\n")

    with pytest.raises(BadFileError, match=r"'Measurements_ID'.*track_id, nStates"):
        read_acts(path, event)
