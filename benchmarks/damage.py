"""Eight kinds of damage to the bytes of a ROOT file.

| kind | damage |
|---|---|
| bit | one bit inverted |
| byte | one byte replaced |
| zeros | 4 KiB of zeros |
| cut | the end cut off |
| junk | up to 4 KiB appended |
| swapped | two blocks of 4 KiB exchanged |
| field | one field in the header of a basket overwritten |
| start | four of the first 300 bytes overwritten |
"""

from __future__ import annotations

import dataclasses
import struct

import numpy as np

from benchmarks.inputs import CODECS

KINDS = ("bit", "byte", "zeros", "cut", "junk", "swapped", "field", "start")
BLOCK = 4096


@dataclasses.dataclass(frozen=True)
class Case:
    """One damaged file: which compression, what kind of damage, and its number."""

    codec: str
    kind: str
    number: int


def damage(content: bytes, case: Case, keys: list[int]) -> bytes:
    """The bytes of a file after the damage of a case.

    Args:
        content: The file.
        case: Which damage.
        keys: Places of the headers of its baskets.
    """
    seed = [list(CODECS).index(case.codec), KINDS.index(case.kind), case.number]
    rng = np.random.default_rng(seed)
    data = bytearray(content)
    place = int(rng.integers(len(data)))
    if case.kind == "bit":
        data[place] ^= 1 << int(rng.integers(8))
    elif case.kind == "byte":
        data[place] ^= int(rng.integers(1, 256))
    elif case.kind == "zeros":
        data[place : place + BLOCK] = bytes(len(data[place : place + BLOCK]))
    elif case.kind == "cut":
        del data[place:]
    elif case.kind == "junk":
        data += rng.bytes(place % BLOCK + 1)
    elif case.kind == "swapped":
        _swap(data, rng)
    elif case.kind == "field":
        _overwrite(data, int(rng.choice(keys)), rng)
    else:
        # The header of the file and what follows it: its list of objects.
        start = int(rng.integers(300))
        data[start : start + 4] = rng.bytes(4)
    return bytes(data)


def _swap(data: bytearray, rng: np.random.Generator) -> None:
    """Exchanges two blocks, as a disk or a broken copy may."""
    one, other = rng.choice(len(data) // BLOCK, 2, replace=False) * BLOCK
    first = data[one : one + BLOCK]
    data[one : one + BLOCK] = data[other : other + BLOCK]
    data[other : other + BLOCK] = first


def _overwrite(data: bytearray, key: int, rng: np.random.Generator) -> None:
    """Writes any number, or an extreme one, over one field of a basket's header."""
    header = int.from_bytes(data[key + 14 : key + 16], "big")
    # Size, content, length of header, place, and after the names: events, last byte.
    fields = ((0, "i"), (6, "i"), (14, "h"), (18, "q"))
    fields += ((header - 9, "i"), (header - 5, "i"))
    shift, kind = fields[int(rng.integers(len(fields)))]
    bits = 8 * struct.calcsize(kind) - 1
    extremes = (0, -1, 2**bits - 1, -(2**bits))
    value = int(rng.choice([*extremes, int(rng.integers(-1000, 100_000)) % 2**bits]))
    struct.pack_into(f">{kind}", data, key + shift, value)
