import pytest

from trackdnn.events.open import open_events


def test_source_has_a_name_and_loads_its_event(tmp_path):
    (tmp_path / "event000000007-hits.csv").write_text(
        "hit_id,x,y,z,volume_id,layer_id,module_id\n5,32.0,0.0,1.0,8,2,1\n"
    )

    (source,) = open_events([tmp_path])

    assert source.name == "event000000007"
    assert source.load().hits.hit_id == pytest.approx([5])
