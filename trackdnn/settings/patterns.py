"""Regular expressions in settings: names of layers and of weights."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field


def compiles(value: str) -> str:
    """A text that is a regular expression.

    Raises:
        ValueError: If it is none, or one that Python cannot hold.
    """
    try:
        re.compile(value)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"must be a regular expression ({error})") from None
    return value


Pattern = Annotated[str, Field(min_length=1), AfterValidator(compiles)]
