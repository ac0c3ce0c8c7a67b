"""How many lanes a batch is computed in.

A processor is used best where each core computes a lane of its own, from the input to
the gradient: the cores wait for each other once per step and not within every
operation, and what a lane works on stays in the core's cache.

The number follows from the batch and not from the machine, so that a training draws the
same masks of dropout on every processor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras

if TYPE_CHECKING:
    from trackdnn.settings import Stage

# A lane with fewer rows spends its time on starting operations.
ROWS, MOST = 256, 8


def lanes_of(stage: Stage, *, alone: bool, coupled: bool) -> int:
    """Lanes of a stage.

    Args:
        stage: Its settings; `lanes` above 0 is what the user wants.
        alone: Whether one CPU computes all. A GPU fills itself with one lane, and
            replicas have shared the batch already.
        coupled: Whether the output for a sample depends on the rest of its batch, as
            it does with batch normalisation.

    Returns:
        At least 1.
    """
    if stage.lanes:
        return stage.lanes
    if coupled or not alone:
        return 1
    return max(1, min(stage.batch_size // stage.accumulate // ROWS, MOST))


def is_coupled(model: Any) -> bool:
    """Whether a layer of a network normalises over the batch."""
    return any(
        isinstance(layer, keras.layers.BatchNormalization)
        or (isinstance(layer, keras.Model) and is_coupled(layer))
        for layer in model.layers
    )
