"""Set transformer blocks as loops over what exists, in float64."""

import numpy as np


def rows_of(tensor):
    return np.asarray(tensor, dtype="f8")


def swish(x):
    return x / (1 + np.exp(-x))


def dense(layer, x, activation=lambda x: x):
    return activation(x @ rows_of(layer.kernel) + rows_of(layer.bias))


def layer_norm(layer, x):
    spread = np.sqrt(x.var() + layer.epsilon)
    return (x - x.mean()) / spread * rows_of(layer.gamma) + rows_of(layer.beta)


def project(layer, x, head):
    kernel, bias = rows_of(layer.kernel), rows_of(layer.bias)
    return x @ kernel[:, head, :] + bias[head, 0]


def attend(block, queries, keys, bias):
    """One set without padding; `bias` of shape `(heads, queries, keys)`."""
    output = []
    for i, x in enumerate(queries):
        gathered = rows_of(block.join.bias).copy()
        for head in range(block.heads):
            query = project(block.query, x, head)
            energy = [
                query @ project(block.key, y, head) / len(query) ** 0.5
                + bias[head, i, j]
                for j, y in enumerate(keys)
            ]
            total = sum(np.exp(e) for e in energy)
            for e, y in zip(energy, keys, strict=True):
                value = project(block.value, y, head) * np.exp(e) / total
                gathered += value @ rows_of(block.join.kernel)[head]
        hidden = layer_norm(block.norm_attention, x + gathered)
        forward = dense(block.contract, dense(block.expand, hidden, swish))
        output.append(layer_norm(block.norm_output, hidden + forward))
    return np.array(output).reshape(len(queries), block.width)


def cross_attention(block, queries, keys, query_valid, key_valid, bias=None):
    """A padded batch, set by set: padding is cut off and comes back as zeros."""
    output = np.zeros((*queries.shape[:2], block.width))
    for b, (here, there) in enumerate(zip(query_valid, key_valid, strict=True)):
        own = np.zeros((block.heads, len(here), len(there)))
        if bias is not None:
            own = np.broadcast_to(bias, (len(queries), *own.shape))[b]
        output[b, here] = attend(
            block, queries[b, here], keys[b, there], own[:, here][:, :, there]
        )
    return output


def pivot_mask(head, tokens, pivots, token_valid, pivot_valid):
    """The whole head, set by set."""
    output = np.full(tokens.shape[:2], -100.0)
    none = np.zeros((head.heads, tokens.shape[1], tokens.shape[1]))
    first, last = head.encode
    for b, (here, there) in enumerate(zip(token_valid, pivot_valid, strict=True)):
        x = dense(last, dense(first, tokens[b, here], swish))
        y = dense(last, dense(first, pivots[b, there], swish))
        x = attend(head.look, x, y, none)
        for layer in head.mix:
            x = attend(layer.block, x, x, none)
        for layer in head.mask:
            x = dense(layer, x, swish)
        output[b, here] = dense(head.score, x)[:, 0]
    return output
