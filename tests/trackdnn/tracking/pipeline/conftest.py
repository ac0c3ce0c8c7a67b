import pytest

from tests.trackdnn.tracking.pipeline.trained import trained, use_windows


@pytest.fixture(scope="session")
def finder_master(tmp_path_factory):
    folder = tmp_path_factory.mktemp("finder") / "toy"
    with pytest.MonkeyPatch.context() as patch:
        use_windows(patch)
        trained(folder)
    return folder


@pytest.fixture
def windows(monkeypatch):
    use_windows(monkeypatch)
