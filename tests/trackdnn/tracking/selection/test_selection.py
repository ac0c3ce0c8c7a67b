import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from trackdnn.errors import BadFileError
from trackdnn.graphs.edge_filter.trees import Trees, onnx_of
from trackdnn.tracking.selection.features import FEATURES
from trackdnn.tracking.selection.selection import FILE, TrackSelection


def content(names=FEATURES):
    rng = np.random.default_rng(1)
    features = rng.normal(size=(300, len(names))).astype("f4")
    trees = HistGradientBoostingClassifier(max_iter=3)
    return onnx_of(trees.fit(features, features[:, 0] > 0), names)


def test_selection_is_the_same_after_it_was_saved(tmp_path):
    TrackSelection(Trees(content())).save(tmp_path)

    TrackSelection.load(tmp_path).save(tmp_path)

    assert (tmp_path / FILE).read_bytes() == content()


def test_selection_names_a_file_that_is_missing(tmp_path):
    with pytest.raises(BadFileError, match=r"tracks\.onnx.*Train the finder again"):
        TrackSelection.load(tmp_path)


@pytest.mark.parametrize("text", [b"", b"none", content(FEATURES[:3])])
def test_selection_refuses_what_is_none(tmp_path, text):
    (tmp_path / FILE).write_bytes(text)

    with pytest.raises(BadFileError, match=r"tracks\.onnx.*must hold boosted trees"):
        TrackSelection.load(tmp_path)
