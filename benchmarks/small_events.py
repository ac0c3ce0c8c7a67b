"""The smallest events that have everything: text of their files, to be spoilt."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

TRACKML = "event000000001"
ACTS = "event000000000"

# Two modules of the barrel: u along y, v along z, w along x.
_AXES = "0,0,1,1,0,0,0,1,0"
_ROTATION = ",".join(f"rot_{x}{u}" for x in "xyz" for u in "uvw")
_DETECTORS = f"""\
volume_id,layer_id,module_id,cx,cy,cz,{_ROTATION},module_t,module_maxhu,module_hv,\
pitch_u,pitch_v
8,2,1,32,0,0,{_AXES},0.15,8.4,36,0.05,0.05625
8,4,1,72,0,0,{_AXES},0.15,8.4,36,0.05,0.05625
"""
_HITS = """\
hit_id,x,y,z,volume_id,layer_id,module_id
1,32.0,1.5,3.0,8,2,1
2,72.0,2.5,7.0,8,4,1
3,32.0,-1.25,-2.0,8,2,1
4,72.0,-3.0,-4.5,8,4,1
5,32.0,5.0,20.0,8,2,1
6,72.0,-6.0,10.0,8,4,1
"""
_TRUTH = """\
hit_id,particle_id,tx,ty,tz,tpx,tpy,tpz,weight
1,4503668346847232,32.0,1.51,3.01,1.0,0.05,0.1,0.3
2,4503668346847232,72.0,2.51,7.01,1.0,0.04,0.1,0.2
3,4503737066323968,32.0,-1.26,-2.01,2.0,-0.1,-0.1,0.3
4,4503737066323968,72.0,-3.01,-4.51,2.0,-0.1,-0.1,0.2
5,0,32.0,5.0,20.0,nan,nan,nan,0
6,0,72.0,-6.0,10.0,nan,nan,nan,0
"""
_PARTICLES = """\
particle_id,particle_type,vx,vy,vz,px,py,pz,q,nhits
4503668346847232,211,0.01,0.02,0.5,1.0,0.05,0.1,1,2
4503737066323968,-211,0.01,0.02,0.5,2.0,-0.1,-0.1,-1,2
4503805785800704,-13,0.01,0.02,0.5,5.0,0.1,9.0,1,0
"""
_CELLS = """\
hit_id,ch0,ch1,value
1,198,693,0.25
1,199,693,0.125
2,218,764,0.5
3,143,604,0.25
4,108,560,0.25
4,108,561,0.25
5,268,995,0.0625
6,48,817,0.0625
"""
TRACKML_FILES = {
    "detectors.csv": _DETECTORS,
    f"{TRACKML}-hits.csv": _HITS,
    f"{TRACKML}-truth.csv": _TRUTH,
    f"{TRACKML}-particles.csv": _PARTICLES,
    f"{TRACKML}-cells.csv": _CELLS,
}

# Geometry identifiers: volume, layer and sensor as in ACTS.
_INNER = (8 << 56) | (2 << 36) | (1 << 8)
_OUTER = (8 << 56) | (4 << 36) | (1 << 8)
_FIVE = ",".join(
    f"particle_id_{part}" for part in ("pv", "sv", "part", "gen", "subpart")
)
_GEOMETRY = f"""\
geometry_id,volume_id,layer_id,module_id,cx,cy,cz,{_ROTATION},module_t,pitch_u,pitch_v
360288038909116416,5,1,0,0,0,0,1,0,0,0,1,0,0,0,1,-1,-1,-1
{_INNER},8,2,1,32,0,0,{_AXES},0.15,-1,-1
{_OUTER},8,4,1,72,0,0,{_AXES},0.15,-1,-1
"""
_MEASUREMENTS = f"""\
measurement_id,geometry_id,local_key,local0,local1,global_x,global_y,global_z
0,{_INNER},,1.5,3.0,nan,nan,nan
1,{_OUTER},,2.5,7.0,nan,nan,nan
2,{_INNER},,-1.25,-2.0,nan,nan,nan
3,{_OUTER},,-3.0,-4.5,nan,nan,nan
4,{_OUTER},,6.0,9.0,nan,nan,nan
"""
_SIMULATED = f"""\
{_FIVE},geometry_id,tx,ty,tz,tpx,tpy,tpz,deltae
1,0,1,0,0,{_INNER},32.0,1.51,3.01,1.0,0.05,0.1,-0.0001
1,0,1,0,0,{_OUTER},72.0,2.51,7.01,1.0,0.04,0.1,-0.0002
1,0,2,0,0,{_INNER},32.0,-1.26,-2.01,2.0,-0.1,-0.1,-0.0001
1,0,2,0,0,{_OUTER},72.0,-3.01,-4.51,2.0,-0.1,-0.1,-0.0003
2,0,1,0,0,{_OUTER},72.0,-3.02,-4.52,0.5,0.1,-0.1,-0.0001
"""
_LINKS = """\
measurement_id,hit_id
0,0
1,1
2,2
3,4
3,3
"""
_MADE = f"""\
{_FIVE},particle_type,vx,vy,vz,px,py,pz,m,q
1,0,1,0,0,211,0.01,0.02,0.5,1.0,0.05,0.1,0.14,1
1,0,2,0,0,-211,0.01,0.02,0.5,2.0,-0.1,-0.1,0.14,-1
2,0,1,0,0,11,0.01,0.02,0.5,0.5,0.1,-0.1,0.0005,-1
"""
ACTS_FILES = {
    "detectors.csv": _GEOMETRY,
    f"{ACTS}-measurements.csv": _MEASUREMENTS,
    f"{ACTS}-hits.csv": _SIMULATED,
    f"{ACTS}-measurement-simhit-map.csv": _LINKS,
    f"{ACTS}-particles_simulated.csv": _MADE,
}


def write_files(folder: Path, files: dict[str, str]) -> None:
    """Writes the files of an event into a folder, which is made."""
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
