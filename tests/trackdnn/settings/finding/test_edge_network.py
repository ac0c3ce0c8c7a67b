"""Settings of networks of edges."""

import pytest
from pydantic import ValidationError

from trackdnn.settings.finding import (
    DenseFilterSettings,
    EdgeNetworkSettings,
    FindingSettings,
    GraphStage,
)


@pytest.mark.parametrize(
    ("name", "value"),
    [("weights", "log_pt"), ("importance", {"true": 2.0}), ("ragged", "drop")],
)
def test_what_is_of_tracks_is_refused(name, value):
    with pytest.raises(ValidationError, match=f"{name} is for tracks"):
        GraphStage.model_validate({name: value})


def test_stage_may_have_fewer_particles():
    assert GraphStage(particles=0.1).particles == 0.1
    with pytest.raises(ValidationError):
        GraphStage(particles=0.0)


def test_part_of_the_edges_is_for_networks_of_single_edges():
    assert DenseFilterSettings().edges == 100_000
    with pytest.raises(ValidationError, match="edges is for the architecture dense"):
        EdgeNetworkSettings(edges=1000)


def test_masks_need_a_network_that_sees_all():
    with pytest.raises(ValidationError, match=r"masks\.enabled needs network\.enabled"):
        FindingSettings.model_validate({"masks": {"enabled": True}})
    network = {"enabled": True, "architecture": "dense", "edges": 10}
    with pytest.raises(ValidationError, match="needs all of a graph"):
        FindingSettings.model_validate({"masks": {"enabled": True}, "network": network})
