"""What `TF_CONFIG` says, and what it must not say."""

import json
import subprocess
import sys

import pytest

from trackdnn.errors import DeviceError
from trackdnn.training.workers import Workers, read_workers, refuse_several

PAIR = ["a:2222", "b:2222"]


def config(cluster, task):
    return {"TF_CONFIG": json.dumps({"cluster": cluster, "task": task})}


def worker(index, kind="worker"):
    return {"type": kind, "index": index}


def test_workers_are_numbered_in_their_order():
    found = read_workers(config({"worker": PAIR}, worker(1)))

    assert found == Workers(("a:2222", "b:2222"), 1)
    assert found.count == 2
    assert not found.is_chief


@pytest.mark.parametrize(
    ("task", "number"), [(worker(0, "chief"), 0), (worker(0), 1), (worker("1"), 2)]
)
def test_chief_comes_first(task, number):
    found = read_workers(config({"worker": PAIR, "chief": ["c:1"]}, task))

    assert found.addresses == ("c:1", "a:2222", "b:2222")
    assert found.number == number
    assert found.is_chief == (number == 0)


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"TF_CONFIG": " "},
        config({"worker": ["a:2222"]}, worker(0)),
        config({"chief": ["a:2222"]}, worker(0, "chief")),
    ],
)
def test_one_process_needs_no_others(environment):
    assert read_workers(environment) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", r"must be JSON. Received: '\{'.*Write it as in"),
        ("[1]", r"must have a cluster. Received: '\[1\]'"),
        ("{}", r"must have a cluster"),
        ('{"cluster": {"worker": ["a:1"]}}', r"must have a task.*which of them"),
        ('{"cluster": 3, "task": {}}', r"must have a cluster"),
    ],
)
def test_config_without_its_parts_is_refused(text, message):
    with pytest.raises(DeviceError, match=rf"TF_CONFIG {message}"):
        read_workers({"TF_CONFIG": text})


@pytest.mark.parametrize(
    ("cluster", "task", "message"),
    [
        ({"worker": PAIR}, worker(2), r"index from 0 to 1.*'2' with 2 of type worker"),
        ({"worker": PAIR}, worker(-1), "index from 0 to 1"),
        ({"worker": PAIR}, worker(True), "index from 0 to 1"),
        ({"worker": PAIR}, worker(None), "index from 0 to 1"),
        ({"worker": PAIR}, worker(0, "chief"), "must list the chief that its task is"),
        ({"worker": PAIR}, worker(0, "ps"), r"task type worker, or chief.*type='ps'"),
        ({"worker": PAIR}, {"index": 0}, r"task type worker, or chief.*type='null'"),
        (
            {"worker": PAIR, "ps": ["c:1"]},
            worker(0),
            r"cluster with 'ps'. Leave it out",
        ),
        (
            {"worker": ["a:1", "A:1"]},
            worker(0),
            r"address once. Received: 'a:1' 2 times",
        ),
        ({"worker": ["a:1"], "chief": ["a:1"]}, worker(0), "'a:1' 2 times"),
        (
            {"worker": ["a", "b:1"]},
            worker(0),
            r"as host:port. Received: 'a'. Add a port",
        ),
        ({"worker": ["a:0", "b:1"]}, worker(0), "host:port"),
        ({"worker": ["a:65536", "b:1"]}, worker(0), "port from 1 to 65535"),
        ({"worker": [":1", "b:1"]}, worker(0), "host:port"),
        ({"worker": [7, "b:1"]}, worker(0), "host:port. Received: '7'"),
        ({"worker": []}, worker(0), "must name workers"),
        ({"worker": "a:1"}, worker(0), "must list addresses as worker"),
        ({"chief": PAIR}, worker(0, "chief"), "must list one address as chief"),
    ],
)
def test_config_that_cannot_be_meant_is_refused_in_one_line(cluster, task, message):
    with pytest.raises(DeviceError, match=message) as refused:
        read_workers(config(cluster, task))

    text = str(refused.value)
    assert text.startswith("TF_CONFIG ")
    assert text.endswith(", or unset TF_CONFIG")
    assert "\n" not in text


def test_command_for_one_process_is_refused_to_several(monkeypatch):
    refuse_several("search")
    for name, value in config({"worker": PAIR}, worker(0)).items():
        monkeypatch.setenv(name, value)

    with pytest.raises(DeviceError, match=r"for `search`.*2 workers.*env -u TF_CONFIG"):
        refuse_several("search")


def test_nothing_of_tensorflow_is_needed():
    code = (
        "import sys, trackdnn.training.rendezvous; print('tensorflow' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert done.stdout.strip() == "False", done.stderr
