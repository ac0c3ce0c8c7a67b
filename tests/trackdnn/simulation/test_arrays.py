import typing

import numpy as np

from trackdnn.simulation import arrays


def test_aliases_name_one_type_each():
    kinds = {
        name: typing.get_args(typing.get_args(getattr(arrays, name))[1])[0]
        for name in ("Float", "Int", "Bool", "Identifier")
    }

    assert kinds == {
        "Float": np.float64,
        "Int": np.int64,
        "Bool": np.bool_,
        "Identifier": np.uint64,
    }
