"""An experiment as its YAML or JSON file describes it: variants, baseline, data sources."""

import re
from pathlib import PurePosixPath
from typing import Annotated, Literal, Self
from urllib.parse import unquote

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

NAME = r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$"
DRIVE = re.compile(r"^[A-Za-z]:")
SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*:")

type Name = Annotated[str, Field(pattern=NAME)]
type Scalar = str | int | float | bool | None
type Parameter = Scalar | list[Parameter] | dict[str, Parameter]


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


class Strict(BaseModel):
    """A frozen document that refuses unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class VariantPlan(Strict):
    """One way of doing it: a name and the parameters that differ."""

    name: Name
    description: str = Field(default="", max_length=2_000)
    parameters: dict[str, Parameter] = Field(default_factory=dict)


class DataSource(Strict):
    """A file of the workspace, by relative path and by content."""

    path: Annotated[str, Field(min_length=1, max_length=1_000), AfterValidator(inside_workspace)]
    hash: str | None = Field(default=None, pattern=r"^sha256:[0-9a-f]{64}$")
    description: str = Field(default="", max_length=2_000)


class Evaluation(Strict):
    """What is measured, what counts as success, and how many runs are the least."""

    metrics: tuple[Name, ...] = ()
    primary: Name | None = None
    direction: Literal["higher", "lower"] = "higher"
    success_criteria: dict[str, float] = Field(default_factory=dict)
    min_runs_per_variant: int = Field(default=1, ge=1, le=10_000)


class ExperimentPlan(Strict):
    """An experiment over variants of one thing.

    Attributes
    ----------
    name, project : str
        Letters, digits, space, dot, dash and underscore; at most 64.
    variants : tuple[VariantPlan, ...]
        At least two, each name once.
    baseline : str
        Name of the variant that the others are compared with.
    evaluation : Evaluation
    data_sources : tuple[DataSource, ...]
    status : str
    created : str
        As written; the store keeps its own times.
    entry_point : str | None
        `module:function` that runs one variant.
    tags : dict[str, str] | tuple[str, ...]
    """

    schema_version: Literal[1] = 1
    name: Name
    project: Name
    description: str = Field(default="", max_length=2_000)
    hypothesis: str = Field(default="", max_length=2_000)
    created: str | None = Field(default=None, max_length=40)
    status: Literal["planned", "running", "completed", "failed", "archived"] = "planned"
    variants: tuple[VariantPlan, ...] = Field(min_length=2, max_length=1_000)
    baseline: Name
    evaluation: Evaluation = Evaluation()
    data_sources: tuple[DataSource, ...] = ()
    entry_point: str | None = Field(default=None, pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")
    tags: dict[str, str] | tuple[str, ...] = ()

    @model_validator(mode="after")
    def _variants_fit(self) -> Self:
        names = [variant.name for variant in self.variants]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise PydanticCustomError(
                "variant_twice", "the variant {name} is defined twice", {"name": twice[0]}
            )
        if self.baseline not in names:
            raise PydanticCustomError(
                "baseline_missing",
                "the baseline {baseline} names no variant; there are {names}",
                {"baseline": self.baseline, "names": ", ".join(names)},
            )
        return self
