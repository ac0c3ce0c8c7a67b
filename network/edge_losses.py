"""Losses of the edges of a graph.

All take logits or scores of any float type, compute in float32, and are finite, with a
finite gradient, where nothing is true, nothing is false, or nothing is there.
"""

from __future__ import annotations

from keras import ops

from network.custom.segment import segment_logsumexp


def binary_focal(label, logit, gamma=2.0, positive_weight=1.0):
    """Binary cross-entropy in which edges that are easy weigh little.

    With `p = sigmoid(logit)`, `positive_weight` `a` and label `y`::

        loss = -a y (1 - p)^gamma log(p) - (1 - y) p^gamma log(1 - p)

    Args:
        label: Tensor of any shape, 1 for a true edge, 0 for a false one.
        logit: Float tensor of the shape of `label`.
        gamma: Float from 0; 0 gives binary cross-entropy.
        positive_weight: Float or scalar tensor, factor of the true edges, such as
            `negatives_per_positive(label)`.

    Returns:
        Float32 tensor of the shape of `label`.

    Source:
        T.-Y. Lin et al., "Focal loss for dense object detection" (2017), equations 4
        and 5.
    """
    y, z = ops.cast(label, "float32"), ops.cast(logit, "float32")
    log_p, log_q = ops.log_sigmoid(z), ops.log_sigmoid(-z)
    positive = -ops.exp(gamma * log_q) * log_p
    negative = -ops.exp(gamma * log_p) * log_q
    return positive_weight * y * positive + (1.0 - y) * negative


def negatives_per_positive(label, weight=None):
    """False edges for each true one: the `positive_weight` that balances both.

    Args:
        label: Tensor of shape `(edges,)`, 1 for a true edge, 0 for a false one.
        weight: Float tensor of the shape of `label`, weight of each edge, 0 for one
            that does not exist; `None` for 1 everywhere.

    Returns:
        Float32 scalar; 1 where there are no true edges, or no false ones.

    Source:
        Positive weights of mieskolainen/hypertrack, `hypertrack/hyperaux.py`.
    """
    y = ops.cast(label, "float32")
    w = ops.ones_like(y) if weight is None else ops.cast(weight, "float32")
    true, false = ops.sum(w * y), ops.sum(w * (1.0 - y))
    both = ops.logical_and(true > 0.0, false > 0.0)
    return ops.where(both, false / ops.where(both, true, 1.0), 1.0)


def squared_distance(embedding, pair):
    """Squared distance of the two ends of each pair.

    Args:
        embedding: Float tensor of shape `(nodes, dimensions)`.
        pair: Integer tensor of shape `(2, pairs)`, nodes.

    Returns:
        Float32 tensor of shape `(pairs,)`.

    Source:
        J. Choma et al., "Track seeding and labelling with embedded-space graph neural
        networks" (2020), section 3.1.
    """
    place = ops.cast(embedding, "float32")
    step = ops.take(place, pair[0], axis=0) - ops.take(place, pair[1], axis=0)
    return ops.sum(ops.square(step), axis=-1)


def hinge_embedding(label, distance2, margin=1.0):
    """Draws the ends of true pairs together, and keeps false ones a margin apart.

    With `d2` the squared distance: `d2` for a true pair, and `max(0, margin^2 - d2)`
    for a false one. Squares, because the gradient of a distance is not finite at zero.

    Args:
        label: Tensor of shape `(pairs,)`, 1 for a true pair, 0 for a false one.
        distance2: Float tensor of shape `(pairs,)`, squared distances.
        margin: Positive float, in the unit of the distance (not of its square).

    Returns:
        Float32 tensor of shape `(pairs,)`.

    Source:
        `LayerlessEmbedding` of the Exa.TrkX pipeline
        (`HSF-reco-and-software-triggers/Tracking-ML-Exa.TrkX`).
    """
    y, d2 = ops.cast(label, "float32"), ops.cast(distance2, "float32")
    return y * d2 + (1.0 - y) * ops.relu(margin**2 - d2)


def hinge_embedding_mean(label, distance2, margin=1.0, positive_weight=1.0):
    """Mean over the false pairs, and `positive_weight` times that over the true ones.

    Args:
        label: Tensor of shape `(pairs,)`, 1 for a true pair, 0 for a false one.
        distance2: Float tensor of shape `(pairs,)`, squared distances.
        margin: Positive float, as in `hinge_embedding`.
        positive_weight: Float, factor of the mean of the true pairs.

    Returns:
        Float32 scalar; a class without pairs adds nothing.

    Source:
        As `hinge_embedding`.
    """
    loss = hinge_embedding(label, distance2, margin)
    y = ops.cast(label, "float32")
    true = ops.sum(y * loss) / ops.maximum(ops.sum(y), 1.0)
    false = ops.sum((1.0 - y) * loss) / ops.maximum(ops.sum(1.0 - y), 1.0)
    return false + positive_weight * true


def contrastive_edges(score, edge, particle, weight, temperature=0.3):
    """Each true edge of a particle against all false edges at the particle.

    An edge between two different hits of particle `k` is one of its positives; an edge
    with exactly one end on it is one of its negatives (of two particles, where both
    ends have one). With `s` the score and `t` the temperature::

        loss[k] = mean over positives p of
                  -log(exp(s[p] / t) / (exp(s[p] / t) + sum over negatives n of
                                                        exp(s[n] / t)))
        loss    = sum of weight[k] loss[k] / sum of weight[k]

    over the particles with positives. The sum over the negatives is a logarithm of a
    sum of exponentials per segment, so that no particle is looped over and nothing
    overflows. HyperTrack further divides by the mean number of hits of a particle,
    a factor that the weight of the term can hold.

    Args:
        score: Float tensor of shape `(edges,)`, such as `tanh` of the logits.
        edge: Integer tensor of shape `(2, edges)`, hits.
        particle: Integer tensor of shape `(hits,)`, from 0; below 0 for noise.
        weight: Float tensor of shape `(particles,)`, such as the sum of the weights of
            the hits of each; 0 for a particle to leave out.
        temperature: Positive float; the smaller, the more the hardest negatives count.

    Returns:
        Float32 scalar; 0 where no particle has positives.

    Source:
        P. Khosla et al., "Supervised contrastive learning" (2020), equation 2, over
        edges as in `contrastive_edge_loss` of mieskolainen/hypertrack
        (arXiv:2309.14113).
    """
    energy = ops.cast(score, "float32") / temperature
    weight = ops.cast(weight, "float32")
    count = ops.shape(weight)[0]
    # Noise and all else that is of no particle falls into a last bin of its own.
    particle = ops.cast(particle, "int32")
    known = ops.logical_and(particle >= 0, particle < count)
    particle = ops.where(known, particle, count)
    one, other = (ops.take(particle, edge[end], axis=0) for end in (0, 1))
    same = ops.logical_and(one == other, edge[0] != edge[1])
    ends = ops.concatenate([one, other], axis=0)
    apart = ops.concatenate([one != other] * 2, axis=0)
    negative = ops.where(apart, ends, count)
    both = ops.expand_dims(ops.concatenate([energy] * 2, axis=0), -1)
    total = segment_logsumexp(both, negative, count + 1)[:count, 0]
    positive = ops.where(same, one, count)
    # The last bin has no negatives: what falls there costs nothing, and is cut off.
    total = ops.concatenate([total, ops.full((1,), -float("inf"), "float32")], axis=0)
    cost = ops.softplus(ops.take(total, positive, axis=0) - energy)
    cost_sum = ops.segment_sum(cost, positive, num_segments=count + 1)[:count]
    found = ops.segment_sum(ops.ones_like(cost), positive, num_segments=count + 1)
    found = found[:count]
    weight = ops.where(found > 0.0, weight, 0.0)
    loss = ops.sum(weight * cost_sum / ops.maximum(found, 1.0))
    all_weight = ops.sum(weight)
    return loss / ops.where(all_weight > 0.0, all_weight, 1.0)
