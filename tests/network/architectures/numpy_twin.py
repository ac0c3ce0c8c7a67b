"""The CMS Run-3 network in NumPy float64, written from its description.

`weights` maps the name of a dense layer to its kernel and bias; see `dense_weights`.
"""

import numpy as np

HIDDEN, BLOCKS, LAYERS_PER_BLOCK = 5, 5, 3


def dense_weights(model):
    """Kernel and bias of each dense layer of a Keras model, by layer name."""
    return {
        layer.name: [np.asarray(w, "f8") for w in layer.get_weights()]
        for layer in model.layers
        if type(layer).__name__ == "Dense"
    }


def cms_run3_scores(spec, weights, features, category):
    """Probability of each track, float64 of shape `(tracks,)`."""
    x = np.concatenate(
        [_sanitized(spec, features), _one_hot(spec.vocabulary, category)], axis=1
    )
    for index in range(HIDDEN):
        x = _dense_elu(x, weights[f"dense_{index}"])
    for block in range(BLOCKS):
        shortcut = x
        for index in range(LAYERS_PER_BLOCK):
            x = _dense_elu(x, weights[f"block_{block}_dense_{index}"])
        x = shortcut + x
    kernel, bias = weights["score"]
    return 1 / (1 + np.exp(-(x @ kernel + bias)[:, 0]))


def _sanitized(spec, features):
    columns = []
    for column in range(spec.width):
        x = np.asarray(features[:, column], "f8")
        x = np.where(np.isnan(x), 0.0, x)
        if spec.transforms[column] != "identity":
            x = np.abs(x)
        if spec.transforms[column] == "absolute_log1p":
            x = np.log1p(x / spec.scales[column])
        low, high = spec.lower[column], spec.upper[column]
        x = np.clip(x, low, high)
        if spec.rescale:
            x = 2 * (x - low) / (high - low) - 1
        columns.append(x)
    return np.stack(columns, axis=1)


def _one_hot(vocabulary, category):
    rounded = np.round(np.asarray(category, "f8")).reshape(-1, 1)
    return (rounded == np.array(vocabulary)).astype("f8")


def _dense_elu(x, weights):
    kernel, bias = weights
    x = x @ kernel + bias
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))
