import html
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from tests.trackdnn.toy_events import toy_event
from tests.trackdnn.tracking.display.events_with_tracks import every_kind
from trackdnn.events.event import without_truth
from trackdnn.tracking.display import page as module
from trackdnn.tracking.display.page import page_of
from trackdnn.tracking.display.payload import payload
from trackdnn.tracking.display.scene import make_scene
from trackdnn.tracking.found import from_labels, from_lists

PARTS = Path(module.__file__).parent / "page"
EVIL = "</script><b>bad</b>&amp;\u2028'\"{{script}}"
VOID = {"meta", "input", "br", "link"}


class Reader(HTMLParser):
    """Elements, text of each by its id or name, and whether all are closed."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.texts, self.attributes = [], [], {}, []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append((tag, dict(attrs).get("id", tag)))

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        if self.open:
            name = self.open[-1][1]
            self.texts[name] = self.texts.get(name, "") + data


@pytest.fixture(scope="module")
def scene():
    return make_scene(*every_kind())


def test_page_is_valid_and_holds_the_payload(scene):
    read = Reader(page_of(scene, 0.5))

    assert read.open == []
    assert read.texts["title"] == "event000000001 - event display"
    assert json.loads(read.texts["scene"]) == payload(scene, 0.5)


def test_page_asks_nothing_of_the_network(scene):
    text = page_of(scene)
    read = Reader(text)

    # Arrays in base64 may hold any letters.
    plain = re.sub(r'"base64": "[^"]*"', "", text)
    asks = r"https?:|//[a-z]|@import|url\(|fetch\(|XMLHttp|WebSocket|EventSource"
    assert not re.search(asks, plain)
    assert not {"link", "img", "iframe", "object", "base", "form"} & set(read.tags)
    assert not {"src", "href", "action"} & {name for name, _ in read.attributes}
    assert ("http-equiv", "Content-Security-Policy") in read.attributes
    policy = next(v for _, v in read.attributes if v and v.startswith("default-src"))
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy


def test_page_allows_its_own_script_and_style_alone(scene):
    read = Reader(page_of(scene))

    policy = next(v for _, v in read.attributes if v and v.startswith("default-src"))

    assert module._hash(read.texts["style"]) in policy
    assert module._hash(read.texts["script"]) in policy


def test_page_escapes_the_name_of_the_event():
    event, tracks = every_kind(name=EVIL)

    text = page_of(make_scene(event, tracks))

    read = Reader(text)
    assert read.texts["title"] == f"{EVIL} - event display"
    assert json.loads(read.texts["scene"])["name"] == EVIL
    assert html.escape(EVIL) in text
    assert "b" not in read.tags
    assert read.tags.count("script") == 2


def test_page_uses_every_file_of_its_folder():
    names = {path.name for path in PARTS.iterdir()}

    assert names == {*module._SCRIPTS, "page.html", "page.css"}


def test_scripts_are_short_and_write_no_html():
    for name in module._SCRIPTS:
        text = (PARTS / name).read_text()
        assert len(text.splitlines()) <= 300, name
        assert not re.search(r"innerHTML|document\.write|eval\(|outerHTML", text), name


def test_page_of_a_hundred_thousand_hits_is_small():
    event = toy_event(10_000, noise=9_000)
    every = np.flatnonzero(event.owner() >= 0)
    labels = np.full(len(event), -1)
    labels[every] = event.owner()[every]
    assert len(event) > 95_000

    text = page_of(make_scene(event, from_labels(labels)))

    assert len(text) < 5e6


@pytest.mark.parametrize("hits", [0, 1])
def test_page_of_next_to_nothing(hits):
    event = toy_event(3).take(np.arange(hits))

    for one in (event, without_truth(event)):
        assert Reader(page_of(make_scene(one, from_lists([])))).open == []
