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


def hard_negative_hinge(place, query, other, particle, event, margin=1.0):
    """Keeps each query a margin apart from the nodes of other particles.

    With `d2` the squared distance of query `q` to a node `n` of another particle, or of
    none, in the same event::

        loss[q] = sum over n of max(0, margin^2 - d2)

    Nodes beyond the margin cost nothing, so that all pairs at once are what a search
    for hard negatives and random pairs would give.

    Args:
        place: Float tensor of shape `(nodes, dimensions)`.
        query: Integer tensor of shape `(queries,)`, nodes, each of some particle.
        other: Integer tensor of shape `(others,)`, nodes to keep apart from, such as
            all. Memory goes with queries times others.
        particle: Integer tensor of shape `(nodes,)`, 0 for nobody's.
        event: Integer tensor of shape `(nodes,)`; nodes of two events do not meet.
        margin: Positive float, in the unit of the distance (not of its square).

    Returns:
        Float32 tensor of shape `(queries,)`.

    Source:
        As `hinge_embedding`, whose pairs are the neighbours of each query within a
        radius, and random ones.
    """
    place = ops.cast(place, "float32")
    near, far = ops.take(place, query, axis=0), ops.take(place, other, axis=0)
    # Rounding may make a square of almost nothing negative.
    distance2 = ops.relu(
        ops.sum(ops.square(near), axis=-1, keepdims=True)
        + ops.sum(ops.square(far), axis=-1)
        - 2.0 * ops.matmul(near, ops.transpose(far))
    )
    pairs = [
        (ops.take(ids, query, axis=0)[:, None], ops.take(ids, other, axis=0)[None, :])
        for ids in (particle, event)
    ]
    (one, another), (here, there) = pairs
    apart = ops.cast(ops.logical_and(one != another, here == there), "float32")
    return ops.sum(apart * ops.relu(margin**2 - distance2), axis=-1)


def contrastive_edges(score, edge, particle, weight, temperature=0.3):
    """Each true edge of a particle against all false edges at the particle.

    The mean of `contrastive_particles` over the particles with positives::

        loss = sum of weight[k] loss[k] / sum of weight[k]

    HyperTrack further divides by the mean number of hits of a particle, a factor that
    the weight of the term can hold.

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
        As `contrastive_particles`.
    """
    weight = ops.cast(weight, "float32")
    count = ops.shape(weight)[0]
    loss, positives = contrastive_particles(score, edge, particle, count, temperature)
    weight = ops.where(positives > 0.0, weight, 0.0)
    total = ops.sum(weight)
    return ops.sum(weight * loss) / ops.where(total > 0.0, total, 1.0)


def contrastive_particles(score, edge, particle, count, temperature=0.3):
    """Loss of each particle: its true edges against all false edges at it.

    An edge between two different hits of particle `k` is one of its positives; an edge
    with exactly one end on it is one of its negatives (of two particles, where both
    ends have one). With `s` the score and `t` the temperature::

        loss[k] = mean over positives p of
                  -log(exp(s[p] / t) / (exp(s[p] / t) + sum over negatives n of
                                                        exp(s[n] / t)))

    The sum over the negatives is a logarithm of a sum of exponentials per segment, so
    that no particle is looped over and nothing overflows.

    Args:
        score: Float tensor of shape `(edges,)`, such as `tanh` of the logits.
        edge: Integer tensor of shape `(2, edges)`, hits.
        particle: Integer tensor of shape `(hits,)`, from 0; below 0, or `count` and
            above, for a hit of none of the particles.
        count: Number of particles, an integer (or a scalar tensor, where the backend
            takes one for a shape).
        temperature: Positive float; the smaller, the more the hardest negatives count.

    Returns:
        Loss of each particle, 0 where it has no positives, and the number of its
        positives; float32 of shape `(count,)` both.

    Source:
        P. Khosla et al., "Supervised contrastive learning" (2020), equation 2, over
        edges as in `contrastive_edge_loss` of mieskolainen/hypertrack
        (arXiv:2309.14113).
    """
    energy = ops.cast(score, "float32") / temperature
    one, other = _particles_at_ends(edge, particle, count)
    same = ops.logical_and(one == other, edge[0] != edge[1])
    positive = ops.where(same, one, count)
    total = _log_negatives(energy, one, other, count)
    cost = ops.softplus(ops.take(total, positive, axis=0) - energy)
    cost_sum = ops.segment_sum(cost, positive, num_segments=count + 1)[:count]
    found = ops.segment_sum(ops.ones_like(cost), positive, num_segments=count + 1)
    found = found[:count]
    return cost_sum / ops.maximum(found, 1.0), found


def _particles_at_ends(edge, particle, count):
    """Particle at the first and at the second end of each edge.

    Noise and all else that is of no particle falls into a last bin of its own, `count`.
    """
    particle = ops.cast(particle, "int32")
    known = ops.logical_and(particle >= 0, particle < count)
    particle = ops.where(known, particle, count)
    return [ops.take(particle, edge[end], axis=0) for end in (0, 1)]


def _log_negatives(energy, one, other, count):
    """Logarithm of the sum over the negatives of each particle, and of the last bin."""
    ends = ops.concatenate([one, other], axis=0)
    apart = ops.concatenate([one != other] * 2, axis=0)
    both = ops.expand_dims(ops.concatenate([energy] * 2, axis=0), -1)
    total = segment_logsumexp(both, ops.where(apart, ends, count), count + 1)
    # The last bin has no negatives: what falls there costs nothing, and is cut off.
    nothing = ops.full((1,), -float("inf"), "float32")
    return ops.concatenate([total[:count, 0], nothing], axis=0)
