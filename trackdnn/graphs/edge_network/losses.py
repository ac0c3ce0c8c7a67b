"""The losses of a network of edges, as terms of the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keras import ops

from network.edge_losses import binary_focal, contrastive_particles
from trackdnn.training.objective import Term

if TYPE_CHECKING:
    from trackdnn.settings.finding.edge_network import EdgeLossSettings

OUTPUT = "edge"


def edge_terms(settings: EdgeLossSettings) -> list[Term]:
    """One term for single edges, and one for those of a particle, if it has a share."""
    terms = [Term(_single(settings.gamma), output=OUTPUT)]
    if settings.contrastive:
        together = Term(
            _together(settings.temperature),
            target="particle_weight",
            weight="particle_weight",
            output=OUTPUT,
            share=settings.contrastive,
            extra=("senders", "receivers", "particle"),
        )
        terms.append(together)
    return terms


def _single(gamma: float) -> Any:
    def loss(label: Any, logit: Any) -> Any:
        return binary_focal(label, logit, gamma=gamma)[:, 0]

    return loss


def _together(temperature: float) -> Any:
    def loss(weight: Any, logit: Any, senders: Any, receivers: Any, owner: Any) -> Any:
        score = ops.tanh(ops.cast(logit, "float32")[:, 0])
        edge = ops.stack([senders, receivers])
        count = ops.shape(weight)[0]
        losses, _ = contrastive_particles(score, edge, owner, count, temperature)
        return losses

    return loss
