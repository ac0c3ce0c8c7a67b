"""The wire format of protocol buffers, read without any library that knows the content.

A message is a list of (number, value); a value is a number or bytes. What the bytes
mean, the reader of the message says. So a graph can be looked at before a library that
could run it is even imported.

Source: protobuf.dev/programming-guides/encoding.
"""

from __future__ import annotations

# Of one file. Real graphs have some ten fields for each node.
MAX_FIELDS = 4_000_000

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_WIDTHS = {_FIXED64: 8, _FIXED32: 4}

Value = int | memoryview


class WireError(ValueError):
    """Bytes are not a protocol buffer, or one with too many fields."""


class Message:
    """The fields of one message; those within are read when they are asked for.

    Args:
        content: Its bytes.
        budget: How many fields may still be read in the whole file; a list, because
            all messages of a file share it.

    Raises:
        WireError: If the bytes are not a message.
    """

    def __init__(
        self, content: bytes | memoryview, budget: list[int] | None = None
    ) -> None:
        self._budget = [MAX_FIELDS] if budget is None else budget
        self._fields: dict[int, list[Value]] = {}
        data, place = memoryview(content), 0
        while place < len(data):
            self._spend()
            number, value, place = _field(data, place)
            self._fields.setdefault(number, []).append(value)

    def has(self, number: int) -> bool:
        """Whether a field is there, of any kind."""
        return number in self._fields

    def raw(self, number: int) -> list[memoryview]:
        """The bytes of each occurrence of a field."""
        found = self._fields.get(number, [])
        return [value for value in found if isinstance(value, memoryview)]

    def children(self, number: int) -> list[Message]:
        """The messages in a field."""
        return [Message(value, self._budget) for value in self.raw(number)]

    def texts(self, number: int) -> list[str]:
        """The texts in a field; what is not UTF-8 is written with escapes."""
        return [
            bytes(value).decode("utf-8", "backslashreplace")
            for value in self.raw(number)
        ]

    def text(self, number: int) -> str:
        """The text of a field that occurs once; the last one counts, as everywhere."""
        return (self.texts(number) or [""])[-1]

    def numbers(self, number: int) -> list[int]:
        """The integers in a field, packed or not; 64 bits with sign."""
        found: list[int] = []
        for value in self._fields.get(number, []):
            if isinstance(value, int):
                found.append(_signed(value))
                continue
            place = 0
            while place < len(value):
                self._spend()
                one, place = _varint(value, place)
                found.append(_signed(one))
        return found

    def _spend(self) -> None:
        self._budget[0] -= 1
        if self._budget[0] < 0:
            raise WireError(f"more than {MAX_FIELDS:,} fields")


def _field(data: memoryview, place: int) -> tuple[int, Value, int]:
    """Number and value of the field at `place`, and the place behind it."""
    key, place = _varint(data, place)
    number, kind = key >> 3, key & 7
    if not 0 < number < 1 << 29:
        raise WireError(f"a field numbered {number} at byte {place}")
    if kind == _VARINT:
        value, place = _varint(data, place)
        return number, value, place
    if kind == _BYTES:
        width, place = _varint(data, place)
    elif kind in _WIDTHS:
        width = _WIDTHS[kind]
    else:
        raise WireError(f"a field of kind {kind} at byte {place}")
    if width > len(data) - place:
        raise WireError(f"a field that ends behind the file at byte {place}")
    inside = data[place : place + width]
    if kind == _BYTES:
        return number, inside, place + width
    return number, int.from_bytes(inside, "little"), place + width


def _varint(data: memoryview, place: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if place >= len(data):
            raise WireError("a number that ends behind the file")
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, place
    raise WireError(f"a number of more than 64 bits at byte {place}")


def _signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value
