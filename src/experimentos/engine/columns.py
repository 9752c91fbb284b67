"""The columns of a source, and what each holds."""

from collections.abc import Mapping
from dataclasses import dataclass

from experimentos.engine.expression import Type


@dataclass(frozen=True, slots=True)
class SourceColumns:
    """The columns of a source.

    Attributes
    ----------
    types : Mapping[str, Type]
        By exact name, in the order of the source.
    declared : Mapping[str, str]
        The engine's own word for each type.
    """

    types: Mapping[str, Type]
    declared: Mapping[str, str]
