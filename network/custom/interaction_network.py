"""One step of messages between the nodes of a graph: the interaction network."""

from __future__ import annotations

import keras
from keras import ops

from network.custom.dense_stack import NORMALIZATIONS, DenseStack, checked_choice
from network.custom.edge_dense import EdgeDense, checked_units
from network.custom.segment import aggregate, checked_kinds


@keras.saving.register_keras_serializable(package="trackdnn")
class InteractionNetwork(keras.layers.Layer):
    """Edges learn from their nodes, then nodes from their edges.

    With `[...]` for columns side by side and `A` for each aggregation::

        e'_k = e_k + f([x_s(k), x_r(k), e_k])
        x'_n = x_n + g([x_n, A of e'_k with r(k) = n])

    and with `both_ways` also `A of e'_k with s(k) = n` among the inputs of `g`, so that
    a graph with each pair of hits once lets both learn. Without `residual`, `e_k` and
    `x_n` in front are absent. The linear part of the first layer of `f` is formed per
    node (`EdgeDense`). A network that calls one layer several times is recurrent.

    Args:
        units: Positive integer, width of nodes, edges and all layers between.
        depth: Integer of at least 2, dense layers of `f` and of `g`.
        aggregation: Sequence of `"sum"`, `"mean"`, `"max"` and `"std"`.
        both_ways: Boolean, whether the node where an edge starts hears of it, too.
        residual: Boolean, whether `f` and `g` are added to what was there; nodes and
            edges then come with `units` columns.
        activation: Name of the activation.
        normalization: `"batch"`, `"layer"` or `"none"`, after each dense layer.
        **kwargs: Passed to `keras.layers.Layer`, such as `name` and `dtype`.

    Call arguments:
        nodes: Float tensor of shape `(nodes, node_features)`.
        edges: Float tensor of shape `(edges, edge_features)`.
        senders: Integer tensor of shape `(edges,)`, node where each edge starts, from 0
            to `nodes - 1`.
        receivers: As `senders`, node where each edge ends.
        training: Boolean, for batch normalisation.

    Returns:
        Two float tensors, nodes of shape `(nodes, units)` and edges of shape
        `(edges, units)`.

    Raises:
        ValueError: If a width, the depth or a choice cannot be, or if nodes or edges
            of another width shall be added to.

    Source:
        P. Battaglia et al., "Interaction networks for learning about objects,
        relations and physics" (2016), section 2; residuals, normalisation and the
        list of aggregations as in the Exa.TrkX pipeline, arXiv:2103.06995.
    """

    def __init__(
        self,
        units,
        depth=2,
        aggregation=("sum",),
        both_ways=False,
        residual=True,
        activation="swish",
        normalization="layer",
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        self.units = checked_units(units)
        self.depth = int(depth)
        if self.depth < 2:
            raise ValueError(f"`depth` must be at least 2. Received: depth={depth}")
        self.aggregation = checked_kinds(aggregation)
        self.both_ways = bool(both_ways)
        self.residual = bool(residual)
        self.activation = activation
        self.normalization = checked_choice(
            "normalization", normalization, NORMALIZATIONS
        )
        self._make_layers()

    def _make_layers(self):
        style = {
            "activation": self.activation,
            "normalization": self.normalization,
            "end": "normalized",
            "dtype": self.dtype_policy,
        }
        self.edge_first = EdgeDense(
            self.units, name="edge_first", dtype=self.dtype_policy
        )
        rest = (self.units,) * (self.depth - 1)
        self.edge_rest = DenseStack(rest, lead=True, name="edge_rest", **style)
        self.node_stack = DenseStack((self.units, *rest), name="node_stack", **style)

    def build(self, nodes_shape, edges_shape, *_):
        if self.residual:
            self._check_widths(nodes_shape[-1], edges_shape[-1])
        self.edge_first.build(nodes_shape, edges_shape)
        self.edge_rest.build((edges_shape[0], self.units))
        parts = len(self.aggregation) * (1 + self.both_ways)
        width = nodes_shape[-1] + parts * self.units
        self.node_stack.build((nodes_shape[0], width))
        self.built = True

    def _check_widths(self, *widths):
        for name, width in zip(("nodes", "edges"), widths, strict=True):
            if width != self.units:
                raise ValueError(
                    f"`{name}` must have {self.units} columns to be added to. "
                    f"Received: {width} columns. Encode them first, or set "
                    "residual=False"
                )

    def call(self, nodes, edges, senders, receivers, training=None):
        message = self.edge_first(nodes, edges, senders, receivers)
        message = self.edge_rest(message, training=training)
        if self.residual:
            message = message + edges
        size = ops.shape(nodes)[0]
        kinds = self.aggregation
        # Edges come by their senders.
        parts = [nodes, aggregate(message, receivers, size, kinds, sort=True)]
        if self.both_ways:
            parts.append(aggregate(message, senders, size, kinds))
        update = self.node_stack(ops.concatenate(parts, axis=-1), training=training)
        return (update + nodes if self.residual else update), message

    def compute_output_shape(self, nodes_shape, edges_shape, *_, **__):
        return (nodes_shape[0], self.units), (edges_shape[0], self.units)

    def get_config(self):
        return {
            **super().get_config(),
            "units": self.units,
            "depth": self.depth,
            "aggregation": list(self.aggregation),
            "both_ways": self.both_ways,
            "residual": self.residual,
            "activation": self.activation,
            "normalization": self.normalization,
        }
