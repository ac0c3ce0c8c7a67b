"""Workers that wait for each other, as threads."""

import contextlib
import logging
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from trackdnn.errors import DeviceError
from trackdnn.training import rendezvous
from trackdnn.training.rendezvous import meet
from trackdnn.training.workers import Workers


@pytest.fixture
def addresses():
    with contextlib.ExitStack() as stack:
        found = [stack.enter_context(socket.socket()) for _ in range(3)]
        for one in found:
            one.bind(("127.0.0.1", 0))
        return tuple(f"127.0.0.1:{one.getsockname()[1]}" for one in found)


def call(addresses, number, *, after=0.0, devices=1, patience=10.0):
    """The time at which a worker goes on, or its error."""
    time.sleep(after)
    try:
        meet(Workers(addresses, number), devices, patience)
    except DeviceError as error:
        return str(error)
    return time.monotonic()


def test_workers_go_on_together_whoever_comes_last(addresses):
    for late in (0, 2):
        with ThreadPoolExecutor() as pool:
            start = time.monotonic()
            ends = [
                pool.submit(call, addresses, number, after=0.5 * (number == late))
                for number in range(3)
            ]
        times = [end.result() for end in ends]

        assert min(times) - start >= 0.5
        assert max(times) - min(times) < 2.0


def test_worker_that_does_not_come_is_named(addresses, monkeypatch, caplog):
    monkeypatch.setattr(rendezvous, "QUIET", 0.1)
    with caplog.at_level(logging.WARNING), ThreadPoolExecutor() as pool:
        ends = [pool.submit(call, addresses, number, patience=0.6) for number in (0, 2)]
    chief, other = (end.result() for end in ends)

    assert f"nothing of worker 1 at {addresses[1]}" in chief
    assert "must start within 1 s" in chief
    assert f"nothing of worker 0 at {addresses[0]}" in other
    assert "worker 0 waits for worker 1" in caplog.text


def test_worker_that_has_gone_meanwhile_is_waited_for(addresses):
    host, port = addresses[0].split(":")
    with ThreadPoolExecutor() as pool:
        ends = [pool.submit(call, addresses, 0)]
        time.sleep(0.3)
        card = rendezvous._card(Workers(addresses, 2), 1)
        # Worker 2 says that it is there, and dies before the last one comes.
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(rendezvous._packed({**card, "worker": 2}))
        ends.append(pool.submit(call, addresses, 1))
        time.sleep(0.5)
        assert not any(end.done() for end in ends)
        ends.append(pool.submit(call, addresses, 2))

    assert all(isinstance(end.result(), float) for end in ends)


def test_strangers_are_not_heard(addresses):
    host, port = addresses[0].split(":")
    with ThreadPoolExecutor() as pool:
        ends = [pool.submit(call, addresses[:2], 0)]
        time.sleep(0.3)
        for text in (b"GET / HTTP/1.1\r\n\r\n", b'{"worker": 7}\n', b"[1]\n", b"\n"):
            with socket.create_connection((host, int(port))) as connection:
                connection.sendall(text)
        ends.append(pool.submit(call, addresses[:2], 1))

    assert all(isinstance(end.result(), float) for end in ends)


@pytest.mark.parametrize("other", ["devices", "cluster"])
def test_workers_that_do_not_fit_together_are_refused(addresses, other):
    mine = dict.fromkeys((0, 1), addresses[:2])
    if other == "cluster":
        mine[1] = (addresses[0], addresses[2])
    with ThreadPoolExecutor() as pool:
        ends = [
            pool.submit(call, mine[0], 0),
            pool.submit(call, mine[1], 1, devices=2 if other == "devices" else 1),
        ]

    for end in ends:
        assert f"must have the same {other}" in end.result()
        assert "for worker 1" in end.result()


@pytest.mark.parametrize("number", [0, 1])
def test_port_that_is_taken_is_named(addresses, number):
    address = addresses[number]
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(address.split(":")[1])))
        taken.listen()

        found = call(addresses, number)

    assert f"must be free. Received: {address}, Address already in use" in found


def test_waiting_ends_with_ctrl_c(addresses):
    main = threading.main_thread().ident
    import signal

    threading.Timer(0.3, signal.pthread_kill, (main, signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        meet(Workers(addresses, 0), 1, patience=10.0)
