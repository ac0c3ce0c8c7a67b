import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import gpusetter
from gpusetter import Choice, Gpu
from trackdnn.errors import DeviceError, MissingExtraError
from trackdnn.settings import LocalSettings

CARDS = [
    Gpu(0, "A", 3000, 16000),
    Gpu(1, "B", 15000, 16000),
    Gpu(2, "C", 9000, 16000),
]


def choose(**wishes):
    return gpusetter.choose(LocalSettings(**wishes), lambda: list(CARDS))


def test_choose_takes_most_free_memory_first():
    choice = choose(gpus=2)

    assert [gpu.index for gpu in choice.gpus] == [1, 2]


def test_choose_no_gpu_asks_no_driver():
    def never():
        raise AssertionError

    choice = gpusetter.choose(LocalSettings(gpus=0, cpu_threads=3), never)

    assert choice == Choice((), cpu_threads=3)


def test_choose_respects_the_memory_floor():
    with pytest.raises(DeviceError, match=r"at least 8000 MiB free.*GPU 0: 3000"):
        choose(gpus=3, min_free_memory=8000)


def test_choose_names_the_way_out_without_cards():
    with pytest.raises(DeviceError, match=r"no GPU.*local\.gpus=0"):
        gpusetter.choose(LocalSettings(gpus=1), list)


def test_choose_splits_memory_between_logical_devices():
    assert choose(gpus=2, logical_devices=3).memory_limit == 3000
    assert choose(gpus=1).memory_limit is None


def test_choose_refuses_a_split_that_does_not_fit():
    with pytest.raises(DeviceError, match="must fit into 9000 MiB"):
        choose(gpus=2, logical_devices=2, memory_limit=5000)


def test_hide_others_names_the_cards(monkeypatch):
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    environment = {}

    gpusetter.hide_others(choose(gpus=2), environment)

    assert environment["CUDA_VISIBLE_DEVICES"] == "1,2"
    assert environment["CUDA_DEVICE_ORDER"] == "PCI_BUS_ID"


def test_hide_others_hides_all_for_the_cpu(monkeypatch):
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    environment = {}

    gpusetter.hide_others(choose(gpus=0), environment)

    assert environment["CUDA_VISIBLE_DEVICES"] == ""


def test_hide_others_refuses_to_come_too_late(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow", object())

    with pytest.raises(DeviceError, match="before TensorFlow"):
        gpusetter.hide_others(choose(gpus=1), {})


def test_hide_others_lets_a_second_job_on_the_cpu_pass(monkeypatch):
    config = SimpleNamespace(list_physical_devices=lambda _: [])
    monkeypatch.setitem(sys.modules, "tensorflow", SimpleNamespace(config=config))

    gpusetter.hide_others(choose(gpus=0), {})


def test_query_without_package_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "pynvml", None)

    with pytest.raises(MissingExtraError, match=r"trackdnn\[gpu\]"):
        gpusetter.query_nvidia()


def test_script_prints_the_choice():
    script = Path(gpusetter.__file__)

    done = subprocess.run(
        [sys.executable, script, "--set", "local.cpu_threads=2"],
        capture_output=True,
        text=True,
        cwd=script.parent,
        check=True,
    )

    assert done.stdout == "device: CPU\nCPU threads: 2\n"


def test_script_fails_in_one_line(capsys):
    code = gpusetter.main(["--set", "local.gpus=-1"])

    assert code == 2
    assert capsys.readouterr().err.count("\n") == 1
