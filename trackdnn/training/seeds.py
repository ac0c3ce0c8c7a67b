"""Random numbers of replicas: each draws its own, from the seed and its number.

Keras gives every replica the same state, so that the first sample of each share would
get the same mask of dropout, and so on. A state is a seed and a counter; here the seeds
are set apart, and the counters run on together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

if TYPE_CHECKING:
    from trackdnn.training.team import Team

# Between the seeds of two replicas: a prime, so that networks' own seeds, which may be
# small numbers in a row, do not meet.
APART = 1_000_003
STATE = "seed_generator_state"


def spread_seeds(team: Team, model: Any) -> None:
    """Sets the states of a network's layers apart, seen from the first replica's.

    What a checkpoint holds is the state of the first replica, which does not change
    here: called again, or on what was restored, it gives the same.

    Args:
        team: The workers, and the strategy over their devices.
        model: The network, built in the scope of the strategy.
    """
    strategy = team.strategy
    if strategy is None:
        return
    states = [one for one in model.variables if one.path.endswith(STATE)]
    team.level(states)
    for state in states:
        first = np.asarray(state.numpy())
        values = strategy.experimental_distribute_values_from_function(
            lambda context, first=first: tf.constant(
                first + np.array([APART * context.replica_id_in_sync_group, 0])
            )
        )
        strategy.run(state.assign, args=(values,))
