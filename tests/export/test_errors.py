from __future__ import annotations

import pytest

from export import errors


@pytest.mark.parametrize(
    "name",
    [
        "ClientError",
        "ConversionError",
        "KitError",
        "MissingToolError",
        "ParityError",
        "SigningError",
        "TargetError",
        "UnsafeGraphError",
        "BundleError",
    ],
)
def test_errors_are_export_errors_and_value_errors(name):
    kind = getattr(errors, name)

    assert issubclass(kind, errors.ExportError)
    assert issubclass(kind, ValueError)
