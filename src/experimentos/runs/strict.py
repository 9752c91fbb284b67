"""What every document of this package is made of: strict models, names, paths that stay inside."""

import re
from pathlib import PurePosixPath
from typing import Annotated
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

NAME = r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$"
DRIVE = re.compile(r"^[A-Za-z]:")
SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*:")

type Name = Annotated[str, Field(pattern=NAME)]


class Strict(BaseModel):
    """A frozen document that refuses unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def inside_workspace(path: str) -> str:
    """Return the path when it stays inside the workspace, on any system.

    Raises
    ------
    PydanticCustomError
        If it is absolute, climbs, or hides either behind an encoding, a backslash or a scheme.
    """
    decoded = unquote(path)
    climbs = ".." in PurePosixPath(decoded.replace("\\", "/")).parts
    outside = decoded.startswith(("/", "\\", "~")) or DRIVE.match(decoded) or SCHEME.match(decoded)
    hidden = "\\" in decoded or "\0" in decoded or unquote(decoded) != decoded
    if climbs or outside or hidden:
        raise PydanticCustomError(
            "path_outside",
            "a data source is a relative path inside the workspace, without .., \\ or a scheme",
        )
    if not decoded.strip() or decoded != decoded.strip():
        raise PydanticCustomError("path_blank", "the path is blank or ends in a space")
    return path
