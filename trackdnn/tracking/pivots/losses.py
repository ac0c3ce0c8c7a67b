"""What the masks of micrographs minimise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from trackdnn.settings.finding import MaskLossSettings
    from trackdnn.training.objective import Term

    Loss = Callable[[Any, Any, Any], Any]

TARGET, WEIGHT, OUTPUT, VALID = "mask_label", "mask_weight", "mask", "token_valid"


def mask_terms(settings: MaskLossSettings) -> tuple[Term, ...]:
    """The losses of the output `mask`; those of share 0 are left out.

    Args:
        settings: Their shares.
    """
    from network import mask_losses
    from trackdnn.training.objective import Term

    losses = (
        (mean_focal(settings.gamma), settings.focal),
        (getattr(mask_losses, settings.kind), settings.overlap),
    )
    return tuple(
        Term(
            loss,
            target=TARGET,
            weight=WEIGHT,
            output=OUTPUT,
            share=share,
            extra=(VALID,),
        )
        for loss, share in losses
        if share > 0.0
    )


def mean_focal(gamma: float) -> Loss:
    """Focal cross-entropy, as a mean over the tokens that exist.

    Args:
        gamma: Its power, from 0; 0 gives cross-entropy.

    Returns:
        Function of labels, logits and which tokens exist, of shape
        `(micrographs, tokens)` each, that gives a loss per micrograph.
    """

    def loss(label: Any, logit: Any, valid: Any) -> Any:
        from keras import ops

        from network.edge_losses import binary_focal

        exists = ops.cast(valid, "float32")
        # Logits of padding are far out; no product may come near them.
        near = ops.where(exists > 0.0, ops.cast(logit, "float32"), 0.0)
        each = binary_focal(label, near, gamma=gamma) * exists
        return ops.sum(each, axis=1) / ops.maximum(ops.sum(exists, axis=1), 1.0)

    return loss
