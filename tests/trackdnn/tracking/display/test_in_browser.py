"""The page in a real browser, without a screen and without a graphics card."""

import numpy as np
import pytest
from matplotlib.image import imread

from tests.trackdnn.toy_events import toy_event
from tests.trackdnn.tracking.display.browser import Browser, chromium
from tests.trackdnn.tracking.display.events_with_tracks import every_kind
from trackdnn.events.event import without_truth
from trackdnn.tracking.display.page import page_of
from trackdnn.tracking.display.scene import make_scene
from trackdnn.tracking.found import from_labels, from_lists

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(chromium() is None, reason="no Chromium"),
]

EVIL = "</script><img src=x onerror=alert(1)><b>bad</b>&amp;"
SHIFT = 8
GREY = "#9c9ca1"


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with Browser(tmp_path_factory.mktemp("profile")) as one:
        yield one


@pytest.fixture
def opened(browser, tmp_path):
    def opened(scene, asked=""):
        path = tmp_path / "event.html"
        path.write_text(page_of(scene), encoding="utf-8")
        browser.troubles.clear()
        browser.requests.clear()
        browser.open(f"{path.as_uri()}#{asked}")
        return browser

    return opened


def pixels(browser, path):
    return (255 * imread(browser.screenshot(path))[..., :3]).astype(int)


def near(image, colour, within=40):
    """Share of the pixels of about a colour."""
    wanted = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    return float((np.abs(image - wanted).max(axis=-1) < within).mean())


def attribute(browser, name):
    return browser.run(f"document.documentElement.dataset.{name}")


def panel(browser):
    return browser.run("document.getElementById('panel').textContent")


@pytest.mark.parametrize("view", ["3d", "rz", "xy"])
def test_browser_draws_every_kind_in_its_colour(opened, tmp_path, view):
    scene = make_scene(*every_kind(60, 100))
    one = opened(scene, f"view={view}")

    image = pixels(one, tmp_path / "picture.png")[:, :1080]

    assert attribute(one, "state") == "ready"
    assert one.run("document.title") == "event000000001 - event display"
    for colour in ("#5790fc", "#e42536", "#f89c20"):
        assert near(image, colour) > 1e-4
    assert near(image, "#ffffff") > 0.3
    assert one.troubles == []
    assert [url.split("#")[0][-10:] for url in one.requests] == ["event.html"]


def test_browser_switches_layers_by_key(opened, tmp_path):
    one = opened(make_scene(*every_kind(60, 100)), "view=xy")
    before = near(pixels(one, tmp_path / "before.png")[:, :1080], "#5790fc")

    one.key("m")

    after = near(pixels(one, tmp_path / "after.png")[:, :1080], "#5790fc")
    assert before > 1e-3 > 10 * after
    assert one.troubles == []


def test_browser_hides_what_is_below_the_threshold(opened, tmp_path):
    one = opened(make_scene(*every_kind(60, 100)), "view=xy&min-pt=1000")

    image = pixels(one, tmp_path / "picture.png")[:, :1080]

    assert near(image, "#f89c20") < 1e-4
    count = "[...document.querySelectorAll('[data-key=missed] .count')][0].textContent"
    assert one.run(count) == "0 of 54"


def fitted(low, high, size, even):
    """Places in mm to pixels, as `fitted` in camera.js has them."""
    low, high, free = np.array(low), np.array(high), np.array(size) - [80, 64]
    scale = 0.96 * free / (high - low)
    scale = np.full(2, scale.min()) if even else scale
    middle = np.array([62, 18]) + free / 2
    return lambda place: middle + [1, -1] * scale * (place - (low + high) / 2)


@pytest.mark.parametrize("view", ["xy", "rz"])
def test_browser_picks_what_is_clicked(opened, tmp_path, view):
    event = toy_event(1)
    hits, track = event.hits, np.argsort(event.hits.distance)
    scene = make_scene(event, from_lists([track]))
    one = opened(scene, f"view={view}&layers=matched,hits")
    picture = "document.getElementById('picture')"
    size = one.run(f"[{picture}.clientWidth, {picture}.clientHeight]")
    r, hit = float(hits.r.max()), track[5]
    if view == "xy":
        place = fitted([-r, -r], [r, r], size, even=True)
        x, y = place(np.array([hits.x[hit], hits.y[hit]])).tolist()
    else:
        ends = min(0.0, float(hits.z.min())), max(0.0, float(hits.z.max()))
        place = fitted([ends[0], 0], [ends[1], r], size, even=False)
        x, y = place(np.array([hits.z[hit], hits.r[hit]])).tolist()

    one.click(x, y)
    assert panel(one).startswith("matched track 0")
    assert "100 % of the track's hits" in panel(one)
    one.click(x, y, modifiers=SHIFT)
    assert panel(one).startswith(f"hit {hits.hit_id[hit]}")
    # What is drawn is where the click was.
    image = pixels(one, tmp_path / "picture.png")
    assert (
        near(image[round(y) - 1 : round(y) + 2, round(x) - 1 : round(x) + 2], GREY) == 1
    )
    one.key("Escape")
    assert panel(one).startswith("Click a track")
    assert one.troubles == []


def test_browser_turns_and_zooms_and_comes_back(opened, tmp_path):
    one = opened(make_scene(*every_kind(30, 50)))
    first = pixels(one, tmp_path / "first.png")

    one.mouse("mousePressed", 300, 300, button="left", clickCount=1)
    one.mouse("mouseMoved", 420, 340, button="left", buttons=1)
    one.mouse("mouseReleased", 420, 340, button="left", clickCount=1)
    one.mouse("mouseWheel", 420, 340, deltaX=0, deltaY=-200)
    # Until the view rests.
    one.run("new Promise(done => setTimeout(done, 400))")
    one.settle()
    turned = pixels(one, tmp_path / "turned.png")
    one.key("0")
    one.run("document.activeElement.blur()")
    one.settle()
    again = pixels(one, tmp_path / "again.png")

    assert (first != turned).any(axis=-1).mean() > 0.005
    assert (first != again).any(axis=-1).mean() < 1e-4
    assert one.troubles == []


def test_browser_runs_no_name(opened):
    event, tracks = every_kind(name=EVIL)

    one = opened(make_scene(event, tracks))

    assert one.run("document.getElementById('name').textContent") == event.name
    assert one.run("document.querySelectorAll('img, b').length") == 0
    assert one.troubles == []


@pytest.mark.parametrize("hits", [0, 1])
def test_browser_shows_next_to_nothing(opened, hits):
    event = toy_event(3).take(np.arange(hits))

    for scene in (make_scene(event), make_scene(without_truth(event), from_lists([]))):
        one = opened(scene)
        assert attribute(one, "state") == "ready"
        assert one.troubles == []


def test_browser_moves_a_hundred_thousand_hits(opened):
    event = toy_event(10_000, noise=9_000)
    owner = event.owner()
    one = opened(
        make_scene(event, from_labels(np.where(owner < 0, -1, owner))), "bench=3"
    )

    # A renderer of software on a busy machine; a graphics card does much better.
    assert float(attribute(one, "movingFramesPerSecond")) > 2
    assert one.troubles == []


def test_browser_without_webgl_says_so(tmp_path):
    path = tmp_path / "event.html"
    path.write_text(page_of(make_scene(*every_kind())), encoding="utf-8")
    off = ("--disable-3d-apis",)
    with Browser(tmp_path / "profile", options=off) as one:
        one.open(path.as_uri())

        assert attribute(one, "state") == "no-webgl"
        assert "WebGL 2" in one.run("document.getElementById('trouble').textContent")
