from typing import Annotated

import pytest
from pydantic import BaseModel, ValidationError

from trackdnn.data.prepared.inner import below


class File(BaseModel):
    path: Annotated[str, below("the folder of it")]


@pytest.mark.parametrize("path", ["a", "a/b.arrow", "..a/b", "./a"])
def test_path_below_a_folder_stays_as_it_is(path):
    assert File(path=path).path == path


@pytest.mark.parametrize("path", ["/a", "../a", "a/../../b", "a/..", "", "."])
def test_path_that_leads_elsewhere_is_refused(path):
    with pytest.raises(
        ValidationError, match=r"path\n.*must be below the folder of it\. Received: '"
    ):
        File(path=path)
