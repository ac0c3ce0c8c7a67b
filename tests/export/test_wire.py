"""Bytes are read as protocol buffers read them, and nothing else is."""

from __future__ import annotations

import pytest

from export import wire
from export.wire import Message, WireError


def test_message_reads_every_kind_of_field():
    # 1: varint 300; 2: "ab"; 3: 8 bytes; 4: 4 bytes; 2 again.
    content = bytes.fromhex("08ac02 12026162 19 0100000000000000 25 02000000 120163")

    message = Message(content)

    assert message.numbers(1) == [300]
    assert message.texts(2) == ["ab", "c"]
    assert message.text(2) == "c"
    assert message.numbers(3) == [1]
    assert message.numbers(4) == [2]
    assert message.has(4)
    assert not message.has(5)
    assert message.text(5) == ""


def test_numbers_are_read_packed_and_with_sign():
    minus_one = "ff" * 9 + "01"

    assert Message(bytes.fromhex("0a03 01 ac02")).numbers(1) == [1, 300]
    assert Message(bytes.fromhex(f"08{minus_one}")).numbers(1) == [-1]


def test_children_are_messages():
    assert Message(bytes.fromhex("0a03 120178")).children(1)[0].text(2) == "x"


def test_texts_that_are_no_utf8_are_escaped():
    assert Message(b"\x0a\x01\xff").text(1) == "\\xff"


def test_overlong_numbers_are_read_as_others_read_them():
    # Key and length of field 1 with an idle byte each.
    assert Message(b"\x8a\x00\x81\x00x").text(1) == "x"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x0a\x05ab", "ends behind the file"),
        (b"\x08", "ends behind the file"),
        (b"\x19\x00", "ends behind the file"),
        (b"\x0b", "of kind 3"),
        (b"\x00\x00", "numbered 0"),
        (b"\x08" + b"\xff" * 10, "more than 64 bits"),
        (b"\xff\xff\xff\xff\xff\x7f\x00", "a field numbered"),
    ],
)
def test_message_refuses_other_bytes(content, reason):
    with pytest.raises(WireError, match=reason):
        Message(content)


def test_message_has_a_budget(monkeypatch):
    monkeypatch.setattr(wire, "MAX_FIELDS", 10)

    with pytest.raises(WireError, match="more than 10 fields"):
        Message(b"\x08\x01" * 11)
    with pytest.raises(WireError, match="more than 10 fields"):
        Message(b"\x0a\x14" + b"\x08\x01" * 10).children(1)
    with pytest.raises(WireError, match="more than 10 fields"):
        Message(b"\x0a\x0b" + b"\x01" * 11).numbers(1)
