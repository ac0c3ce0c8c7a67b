from trackdnn.events.partial import views_of
from trackdnn.settings.finding import FindingSettings

SETTINGS = FindingSettings.model_validate(
    {
        "view": {"min_pt": 0.5, "particles": 0.8},
        "partial": {"share": 0.4, "region": "pixel", "noise": 0.1},
    }
)


def test_no_event_is_seen_in_part_unless_asked_for():
    views = views_of(FindingSettings(), 20, seed=1)

    assert {view.settings.region for view in views} == {"all"}
    assert all(view.settings.clusters for view in views)


def test_a_share_of_the_events_is_seen_in_part():
    views = views_of(SETTINGS, 500, seed=1)

    part = [view.settings for view in views if view.settings.region == "pixel"]
    assert 150 < len(part) < 250
    for one in part:
        assert (one.noise, one.one_hit_per_layer, one.clusters) == (0.1, True, False)
        assert (one.min_pt, one.particles) == (0.5, 0.8)


def test_whether_an_event_is_seen_in_part_does_not_depend_on_the_others():
    few, many = views_of(SETTINGS, 10, seed=3), views_of(SETTINGS, 40, seed=3)

    assert few == many[:10]
    assert many != views_of(SETTINGS, 40, seed=4)
    assert many != views_of(SETTINGS, 40, seed=3, validation=True)
