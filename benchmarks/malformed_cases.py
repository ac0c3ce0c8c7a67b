"""Ways in which the files of an event can be malformed, and what must be said of each.

A case is a small event that is whole, and one change to its folder. The message must
hold each of the words.
"""

from __future__ import annotations

import dataclasses
import gzip
from typing import TYPE_CHECKING

from benchmarks.small_events import ACTS, ACTS_FILES, TRACKML, TRACKML_FILES
from benchmarks.spoil import (
    append,
    as_folder,
    bytes_of,
    copy,
    cut,
    everywhere,
    flipped,
    header_of,
    nothing,
    replace,
    without,
)

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.spoil import Change

HITS, TRUTH = f"{TRACKML}-hits.csv", f"{TRACKML}-truth.csv"
PARTICLES, CELLS = f"{TRACKML}-particles.csv", f"{TRACKML}-cells.csv"
MODULES = "detectors.csv"
MEASURED, SIMULATED = f"{ACTS}-measurements.csv", f"{ACTS}-hits.csv"
LINKS, MADE = f"{ACTS}-measurement-simhit-map.csv", f"{ACTS}-particles_simulated.csv"
_FIRST, _BIG = "4503668346847232", "9223372036854775808"


@dataclasses.dataclass(frozen=True)
class Case:
    """One malformed event.

    Args:
        name: What is wrong.
        change: What spoils the folder of a whole event.
        words: What the message must say.
        files: The whole event.
        place: What is opened, below the folder.
        detectors: Table of modules that is named, below the folder.
    """

    name: str
    change: Change
    words: tuple[str, ...]
    files: dict[str, str] = dataclasses.field(default_factory=lambda: TRACKML_FILES)
    place: str = "."
    detectors: str | None = None


def _twin(folder: Path) -> None:
    for file in (HITS, TRUTH):
        copy(file, f"other-{file}")(folder)


_ROW3 = "3,32.0,-1.25,-2.0,8,2,1"
_JUNK = bytes(range(256)) * 8

_TEXT = [
    Case("no column", replace(HITS, ",x,", ",q,"), (HITS, "'x'", "q")),
    Case(
        "column misspelt",
        replace(HITS, "volume_id", "volumeid"),
        (HITS, "'volume_id'", "Did you mean 'volumeid'"),
    ),
    Case("column twice", replace(HITS, ",y,", ",x,"), (HITS, "'x'", "2")),
    Case("no header", bytes_of(HITS, lambda old: old[42:]), (HITS, "'hit_id'")),
    Case("semicolons", everywhere(HITS, ",", ";"), (HITS, "semicolons")),
    Case("tabs", everywhere(HITS, ",", "\t"), (HITS, "tabs")),
    Case("empty file", bytes_of(HITS, lambda _: b""), (HITS, "nothing")),
    Case("blank file", bytes_of(HITS, lambda _: b"\n\n\n"), (HITS, "nothing")),
    Case("binary junk", bytes_of(HITS, lambda _: _JUNK), (HITS, "binary")),
    Case(
        "UTF-16",
        bytes_of(HITS, lambda old: old.decode().encode("utf-16")),
        (HITS, "binary"),
    ),
    Case("row too short", replace(HITS, ",8,2,1\n2", ",8,2\n2"), (HITS, "line 2")),
    Case("row too long", replace(HITS, ",8,2,1\n2", ",8,2,1,9\n2"), (HITS, "line 2")),
    Case("cut in a line", bytes_of(HITS, cut(4)), (HITS, "line 7", "truncated")),
    Case("zero bytes", append(HITS, "\0\0\0\0"), (HITS, "line 8")),
    Case("blank line", replace(HITS, "\n3", "\n\n3"), (HITS, "line 4")),
    Case("open quote", replace(HITS, "-1.25", '"-1.25'), (HITS, "line 4")),
    Case("decimal comma", replace(HITS, "-1.25", '"-1,25"'), (HITS, "'y'", "line 4")),
    Case("gzip cut", bytes_of(HITS, lambda old: gzip.compress(old)[:-20], HITS + ".gz"),
         (HITS + ".gz", "truncated")),
    Case("gzip damaged", bytes_of(HITS, flipped, HITS + ".gz"),
         (HITS + ".gz", "gzip")),
    Case("no gzip", bytes_of(HITS, lambda old: old, HITS + ".gz"), (HITS, "no gzip")),
    Case("gzip unsaid", bytes_of(HITS, gzip.compress), (HITS, "gzip", ".csv.gz")),
    Case("plain and gzip", copy(HITS, HITS + ".gz"), (HITS, HITS + ".gz", "both")),
    Case("a folder of that name", as_folder(HITS), (HITS, "neither")),
]  # fmt: skip
_OF_HITS = [
    Case("text", replace(HITS, "-1.25", "far"), (HITS, "'y'", "far", "line 4")),
    Case("no number", replace(HITS, "-1.25", ""), (HITS, "'y'", "nothing", "line 4")),
    Case("NaN", replace(HITS, "-1.25", "nan"), (HITS, "'y'", "nan", "line 4")),
    Case("infinity", replace(HITS, "-1.25", "-inf"), (HITS, "'y'", "-inf", "line 4")),
    Case("too far", replace(HITS, "-1.25", "1e60"), (HITS, "'y'", "inf", "line 4")),
    Case("beyond any detector", replace(HITS, "-1.25", "1e38"),
         (HITS, "'y'", "e+38", "line 4")),
    Case("hit twice", replace(HITS, _ROW3, "1" + _ROW3[1:]),
         (HITS, "'hit_id'", "1 in line 4")),
    Case("fraction as id", replace(HITS, "\n3,", "\n3.0,"), (HITS, "3.0", "line 4")),
    Case("id of 65 bits", replace(HITS, "\n3,", f"\n{_BIG},"), (HITS, _BIG, "line 4")),
    Case("negative id", replace(HITS, "\n3,", "\n-3,"), (HITS, "'hit_id'", "line 4")),
    Case("negative volume", replace(HITS, ",8,2,1", ",-8,2,1"),
         (HITS, "'volume_id'", "-8 in line 2")),
    Case("volume too large", replace(HITS, ",8,2,1", ",3000000000,2,1"),
         (HITS, "'volume_id'", "32 bits", "line 2")),
    Case("fraction as layer", replace(HITS, ",8,2,1", ",8,2.0,1"),
         (HITS, "'layer_id'", "2.0 in line 2")),
]  # fmt: skip
_OF_TRUTH = [
    Case("truth of no hit", append(TRUTH, f"7,{_FIRST},1,1,1,1,1,1,0"),
         (TRUTH, "'hit_id'", "7 in line 8")),
    Case("hit without truth", replace(TRUTH, "6,0,72.0,-6.0,10.0,nan,nan,nan,0\n", ""),
         (TRUTH, "hit_id 6")),
    Case("truth twice", append(TRUTH, "6,0,72.0,-6.0,10.0,nan,nan,nan,0"),
         (TRUTH, "'hit_id'", "6 in line 8")),
    Case("truth of nothing", bytes_of(TRUTH, header_of),
         (TRUTH, "hit_id 1", "5 others")),
    Case("negative weight", replace(TRUTH, "0.3\n", "-0.3\n"),
         (TRUTH, "'weight'", "-0.3 in line 2")),
    Case("NaN weight", replace(TRUTH, "0.3\n", "nan\n"), (TRUTH, "'weight'", "line 2")),
    Case("weight of noise", replace(TRUTH, "nan,0\n", "nan,0.1\n"),
         (TRUTH, "'weight'", "noise", "0.1 in line 6")),
    Case("no weights", replace(TRUTH, ",weight", ",w"), (TRUTH, "'weight'")),
    Case("NaN momentum", replace(TRUTH, "0.05,0.1,0.3", "nan,0.1,0.3"),
         (TRUTH, "'tpy'", "line 2")),
    Case("NaN position", replace(TRUTH, "1.51", "nan"), (TRUTH, "'ty'", "line 2")),
    Case("rounded particle", replace(TRUTH, _FIRST, "4.503668346847232e15"),
         (TRUTH, "'particle_id'", "line 2", "whole")),
    Case("negative particle", replace(TRUTH, "5,0,", "5,-1,"),
         (TRUTH, "'particle_id'", "-1 in line 6", "noise")),
    Case("particle not listed", replace(PARTICLES, _FIRST, "77"),
         (PARTICLES, TRUTH, _FIRST)),
    Case("particle twice", replace(PARTICLES, "4503737066323968", _FIRST),
         (PARTICLES, "'particle_id'", "line 3")),
    Case("noise as particle", replace(PARTICLES, "4503805785800704", "0"),
         (PARTICLES, "'particle_id'", "0 in line 4")),
    Case("particle of 65 bits", replace(PARTICLES, "4503805785800704", _BIG),
         (PARTICLES, "'particle_id'", _BIG)),
    Case("particle at rest nowhere", replace(PARTICLES, "5.0,0.1,9.0", "nan,0.1,9.0"),
         (PARTICLES, "'px'", "line 4")),
    Case("infinite vertex", replace(PARTICLES, "0.5,5.0", "inf,5.0"),
         (PARTICLES, "'vz'", "line 4")),
    Case("fraction as charge", replace(PARTICLES, ",1,0\n", ",0.33,0\n"),
         (PARTICLES, "'q'", "0.33")),
    Case("no vertices", replace(PARTICLES, ",vz,", ",v_z,"),
         (PARTICLES, "'vz'", "Did you mean 'v_z'")),
    Case("gzip truth cut",
         bytes_of(TRUTH, lambda old: gzip.compress(old)[:-9], TRUTH + ".gz"),
         (TRUTH + ".gz", "truncated")),
]  # fmt: skip
_OF_CELLS = [
    Case("cells of no hit", append(CELLS, "7,1,1,0.5"),
         (CELLS, "'hit_id'", "7 in line 10")),
    Case("hit without cells", replace(CELLS, "6,48,817,0.0625\n", ""),
         (CELLS, "hit_id 6")),
    Case("no cells", bytes_of(CELLS, header_of), (CELLS, "hit_id 1")),
    Case("NaN charge", replace(CELLS, "0.125", "nan"), (CELLS, "'value'", "line 3")),
    Case("text as channel", replace(CELLS, "199", "A"),
         (CELLS, "'ch0'", "A in line 3")),
    Case("channel too large", replace(CELLS, "199", "9999999999"),
         (CELLS, "'ch0'", "line 3")),
    Case("no channel", replace(CELLS, "ch1", "ch3"), (CELLS, "'ch1'", "ch3")),
    Case("module not listed", replace(MODULES, "8,4,1,72", "8,4,2,72"),
         (MODULES, "volume_id 8, layer_id 4, module_id 1", "hit_id 2")),
    Case("module twice", replace(MODULES, "8,4,1,72", "8,2,1,72"),
         (MODULES, "'module_id'", "line 3")),
    Case("pitch of 0", replace(MODULES, "0.05,", "0.0,"),
         (MODULES, "'pitch_u'", "line 2")),
    Case("negative thickness", replace(MODULES, "0.15", "-0.15"),
         (MODULES, "'module_t'", "line 2")),
    Case("NaN in a rotation", replace(MODULES, "0,0,1,1,0", "0,0,1,nan,0"),
         (MODULES, "'rot_yu'", "line 2")),
    Case("axes not at right angles", replace(MODULES, "0,0,1,1,0", "0,0,1,1,1"),
         (MODULES, "rotation", "line 2")),
    Case("other detector", replace(MODULES, "8,4,1,72,0", "8,4,1,0,300"),
         (MODULES, "hit_id 2", "mm from the centre")),
    Case("no column of pitches", replace(MODULES, "pitch_v", "pitchv"),
         (MODULES, "'pitch_v'", "Did you mean 'pitchv'")),
    Case("two tables of modules", copy(MODULES, MODULES + ".gz"), (MODULES, "both")),
    Case("table of modules gone", nothing, ("none.csv", "No such file"),
         detectors="none.csv"),
]  # fmt: skip
_OF_PLACES = [
    Case("folder without hits", without(HITS), ("must hold events", CELLS)),
    Case("empty folder", without(*TRACKML_FILES), ("an empty folder",)),
    Case("stem of two events", _twin, ("2 that match", f"other-{TRACKML}"),
         place="000000001"),
    Case("stem misspelt", nothing, ("event00000002", f"Did you mean '{TRACKML}'"),
         place="event00000002"),
    Case("no folder", nothing, ("no folder",), place=f"nowhere/{TRACKML}"),
    Case("file of another name", nothing, (MODULES, "another name"), place=MODULES),
    Case("truth in place of hits", nothing, (TRUTH, "another name"), place=TRUTH),
]  # fmt: skip


def _acts(name: str, change: Change, *words: str, place: str = ".") -> Case:
    return Case(name, change, words, files=ACTS_FILES, place=place)


_OF_ACTS = [
    _acts("ACTS: no map", without(LINKS), LINKS, SIMULATED),
    _acts("ACTS: no simulated hits", without(SIMULATED), LINKS, SIMULATED),
    _acts("ACTS: no positions", without(MODULES), MEASURED, "'global_x'", MODULES),
    _acts("ACTS: infinite position", replace(MEASURED, "3.0,nan", "3.0,inf"),
          MEASURED, "'global_x'", "inf in line 2"),
    _acts("ACTS: NaN local", replace(MEASURED, "1.5", "nan"), MEASURED, "'local0'"),
    _acts("ACTS: table of another kind", replace(MODULES, "geometry_id", "id"),
          MODULES, "geometry_id"),
    _acts("ACTS: module not listed", replace(MODULES, "8,4,1,72", "8,4,2,72"),
          MEASURED, "'geometry_id'", MODULES, "line 3"),
    _acts("ACTS: measurement twice", replace(MEASURED, "\n1,", "\n0,"),
          MEASURED, "'measurement_id'", "0 in line 3"),
    _acts("ACTS: no geometry", replace(MEASURED, "geometry_id", "geometryid"),
          MEASURED, "'geometry_id'", "Did you mean 'geometryid'"),
    _acts("ACTS: text as geometry", replace(MEASURED, "\n0,", "\n0,x"),
          MEASURED, "'geometry_id'", "line 2"),
    _acts("ACTS: link of no measurement", replace(LINKS, "3,4", "9,4"),
          LINKS, "'measurement_id'", "9 in line 5"),
    _acts("ACTS: link to no hit", replace(LINKS, "3,4", "3,5"),
          LINKS, "'hit_id'", "5 in line 5"),
    _acts("ACTS: NaN truth", replace(SIMULATED, "2.51", "nan"), SIMULATED, "'ty'"),
    _acts("ACTS: particle not listed", replace(MADE, "1,0,2,0,0,-", "1,0,5,0,0,-"),
          MADE, SIMULATED, "particle_id"),
    _acts("ACTS: number too large", replace(SIMULATED, "\n1,", "\n5000,"),
          SIMULATED, "'particle_id_pv'", "5000 in line 2"),
    _acts("ACTS: particle of no number", replace(MADE, "2,0,1,0,0,11", "0,0,0,0,0,11"),
          MADE, "'particle_id_pv'", "line 4"),
    _acts("ACTS: particle twice", replace(MADE, "1,0,2", "1,0,1"), MADE, "line 3"),
    _acts("ACTS: a column of five gone", replace(MADE, "particle_id_gen", "gen"),
          MADE, "'particle_id_gen'"),
]  # fmt: skip
CASES = (*_TEXT, *_OF_HITS, *_OF_TRUTH, *_OF_CELLS, *_OF_PLACES, *_OF_ACTS)
