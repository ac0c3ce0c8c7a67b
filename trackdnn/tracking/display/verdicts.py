"""What each found track is: a particle, one once more, or nobody.

A track is matched to a particle by double majority: the particle made more than half of
the track's hits, and the track has more than half of the particle's hits.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from trackdnn.tracking.contingency import NOBODY, contingency_of
from trackdnn.tracking.judgement import duplicates
from trackdnn.tracking.matching import Matching, match

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.events.event import Event
    from trackdnn.tracking.contingency import Contingency
    from trackdnn.tracking.found import FoundTracks

# Kinds of tracks; without truth all are unjudged.
MATCHED, DUPLICATE, FAKE, UNJUDGED = range(4)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Verdicts:
    """Each array has the shape `(tracks,)`.

    Args:
        kind: `MATCHED`, `DUPLICATE`, `FAKE` or `UNJUDGED`, uint8.
        particle: Row of the particle with most hits of the track, `NOBODY` where most
            are noise or nothing is known, int32.
        purity: Share of the track's hits that are the particle's, float32.
        share: Share of the particle's hits that are the track's, float32.
    """

    kind: NDArray[np.uint8]
    particle: NDArray[np.int32]
    purity: NDArray[np.float32]
    share: NDArray[np.float32]

    @property
    def matched(self) -> NDArray[np.bool_]:
        """Tracks of a particle, duplicates among them."""
        return np.isin(self.kind, (MATCHED, DUPLICATE))


def judge(event: Event, tracks: FoundTracks) -> Verdicts:
    """What each track of an event is; of several of a particle, the best is matched.

    The best has most hits of the particle; of equally good ones the first.

    Args:
        event: The event, with truth or without.
        tracks: Its tracks; none may have a hit twice.
    """
    kind = np.full(len(tracks), UNJUDGED, dtype=np.uint8)
    particle = np.full(len(tracks), NOBODY, dtype=np.int32)
    purity, share = np.zeros((2, len(tracks)), dtype=np.float32)
    if event.truth is not None:
        table = contingency_of(event, tracks)
        most = table.particle == table.majority[table.track]
        most &= table.particle != NOBODY
        track = table.track[most]
        particle[track] = table.particle[most]
        purity[track], share[track] = table.purity[most], table.completeness[most]
        kind[:] = _kinds(table)
    return Verdicts(kind=kind, particle=particle, purity=purity, share=share)


def _kinds(table: Contingency) -> NDArray[np.uint8]:
    kind = np.full(len(table.track_hits), FAKE, dtype=np.uint8)
    matches = match(table, Matching("double_majority"))
    kind[matches.particle != NOBODY] = MATCHED
    kind[duplicates(table, matches.finds)] = DUPLICATE
    return kind
