"""Trainings of networks of edges: in stages, exactly resumed, on several devices."""

import json
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from network.graph_builder import GraphBuilder
from tests.trackdnn.graphs.edge_network import small
from trackdnn.errors import BadFileError, InputError, SettingsError, Stopped
from trackdnn.graphs.edge_network import files
from trackdnn.graphs.edge_network import training as module
from trackdnn.settings.finding import MaskSettings
from trackdnn.tracking.pivots.training import MaskTraining
from trackdnn.training.watch import Watch

ROOT = Path(__file__).parents[4]


def weights_of(folder):
    found = {}
    with h5py.File(folder / files.WEIGHTS) as file:
        file.visititems(
            lambda name, one: (
                found.update({name: one[()]}) if isinstance(one, h5py.Dataset) else None
            )
        )
    return found


def assert_same_weights(one, other):
    assert one.keys() == other.keys()
    for name, array in one.items():
        np.testing.assert_array_equal(array, other[name], err_msg=name)


def test_training_leaves_a_network_and_nothing_else(network_folder):
    names = {path.name for path in network_folder.iterdir()}

    assert names == {files.FILE, files.EDGES, files.WEIGHTS}
    assert [path.name for path in network_folder.parent.iterdir()] == ["network"]
    history = json.loads((network_folder / files.FILE).read_text())["history"]
    assert [row["epoch"] for row in history] == [1, 2]
    assert history[1]["val_auc"] > 0.5
    figures = history[1]["metrics"]
    assert figures["all_edges_auc"] == pytest.approx(
        history[1]["val_auc"] * figures["edge_efficiency"]
    )


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 3])
def test_interrupted_training_equals_one_in_one_go(
    network_folder, tmp_path, monkeypatch, count
):
    class StopAt(Watch):
        left = count

        def must_stop(self, *, between_epochs):
            self.left -= 1
            return Stopped("enough", 85) if self.left <= 0 else None

    folder = tmp_path / "network"
    with monkeypatch.context() as patch:
        patch.setattr(module, "Watch", StopAt)
        with pytest.raises(Stopped):
            small.training(folder).run()
    assert not folder.exists()

    small.training(folder).run()

    assert_same_weights(weights_of(folder), weights_of(network_folder))


@pytest.mark.slow
def test_stages_begin_sparse_and_start_from_another_network(network_folder, tmp_path):
    shares = []
    stages = [{**small.STAGE, "epochs": 1, "particles": share} for share in (0.5, 1.0)]
    chosen = small.settings(stages=stages, start_from=str(network_folder))
    one = small.training(tmp_path / "network", chosen, number=2)
    source = one.training

    def training(share):
        shares.append(share)
        return source(share)

    module.dataclasses.replace(one, training=training).run()

    assert set(shares) == {0.5, 1.0}
    history = files.read(tmp_path / "network").history
    assert [row["stage"] for row in history] == [1, 2]
    again = files.read(tmp_path / "network").inputs
    assert again == files.read(network_folder).inputs


def test_masks_begin_anew_where_the_first_network_has_none(network_folder, tmp_path):
    chosen = small.settings(start_from=str(network_folder))
    masks = MaskTraining(MaskSettings(width=8, heads=2, blocks=1))
    one = small.training(tmp_path / "network", chosen, masks=masks)

    inputs = files.read(network_folder).inputs
    made = one._network(inputs)

    first = GraphBuilder(chosen).build(inputs)
    files.load_weights(first, network_folder)
    assert len(made.layers) > len(first.layers)
    for layer in first.layers:
        for old, new in zip(
            layer.get_weights(), made.get_layer(layer.name).get_weights(), strict=True
        ):
            np.testing.assert_array_equal(old, new)


def test_weights_of_another_network_are_refused(network_folder, tmp_path):
    chosen = small.settings(
        options={**small.OPTIONS, "width": 4}, start_from=str(network_folder)
    )

    with pytest.raises(BadFileError, match="must hold the weights of the network"):
        small.training(tmp_path / "network", chosen).run()


def test_training_needs_events_to_judge_by(tmp_path):
    one = module.dataclasses.replace(small.training(tmp_path / "n"), validation=[])

    with pytest.raises(InputError, match="must have events to judge by"):
        one.run()


def test_impossible_networks_are_told(tmp_path):
    chosen = small.settings(options={"widht": 8})

    with pytest.raises(SettingsError, match=r"cannot be built.*width"):
        small.training(tmp_path / "n", chosen).run()


SCRIPT = """
import sys
from pathlib import Path
from tests.trackdnn.graphs.edge_network import small
from tests.trackdnn.graphs.edge_network.test_training import weights_of
from trackdnn.settings import LocalSettings

stages = [{**small.STAGE, "batch_size": 3, "lanes": 1, "epochs": 3}]
losses = {"contrastive": 0.5, "balance": 0.5, "gamma": 1.0}
chosen = small.settings(stages=stages, losses=losses)
found = []
for cpus in (2, 1):
    folder = Path(sys.argv[1]) / str(cpus)
    local = LocalSettings(logical_cpus=cpus)
    small.training(folder, chosen, number=5, local=local).run()
    found.append(weights_of(folder))
print(max(abs(found[0][name] - found[1][name]).max() for name in found[0]))
"""


@pytest.mark.slow
def test_two_logical_cpus_equal_one_device(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, tmp_path],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )

    assert done.returncode == 0, done.stderr
    assert float(done.stdout.split()[-1]) < 1e-5
