"""The parameters of a variant, each with where it comes from: project, experiment or variant."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from experimentos.runs.documents import Experiment, Parameter, Parameters, Project, Variant

ORIGINS = ("project", "experiment", "variant")


@dataclass(frozen=True, slots=True)
class Setting:
    """One parameter as a run will be given it.

    Attributes
    ----------
    name : str
        Dotted where it is nested: `optimizer.lr`.
    value : Parameter
        No object but an empty one.
    origin : str
        "project", "experiment" or "variant": the last that sets it.
    overrides : tuple[str, ...]
        Earlier ones that set it too.
    """

    name: str
    value: Parameter
    origin: str
    overrides: tuple[str, ...] = ()


def settings_of(
    project: Project | None, experiment: Experiment, variant: Variant
) -> tuple[Setting, ...]:
    """Return the parameters of a variant by name; nested objects are merged place by place."""
    layers = (project.defaults if project else {}, experiment.defaults, variant.parameters)
    found: dict[str, Setting] = {}
    for origin, layer in zip(ORIGINS, layers, strict=True):
        for name, value in _places(layer, ""):
            _displace(found, name)
            earlier = found.get(name)
            overrides = (*earlier.overrides, earlier.origin) if earlier else ()
            found[name] = Setting(name, value, origin, overrides)
    return tuple(found[name] for name in sorted(found))


def parameters_of(project: Project | None, experiment: Experiment, variant: Variant) -> Parameters:
    """Return the parameters of a variant, defaults included."""
    merged: Parameters = {}
    for layer in (project.defaults if project else {}, experiment.defaults, variant.parameters):
        merged = _merged(merged, layer)
    return merged


def _merged(below: Mapping[str, Parameter], above: Mapping[str, Parameter]) -> Parameters:
    merged = dict(below)
    for name, value in above.items():
        under = merged.get(name)
        is_nested = isinstance(value, dict) and value and isinstance(under, dict)
        merged[name] = _merged(under, value) if is_nested else value  # type: ignore[arg-type]
    return merged


def _displace(found: dict[str, Setting], name: str) -> None:
    """Forget what a place of this name replaces: what stood inside it, or above it."""
    for other in [n for n in found if n.startswith(f"{name}.") or name.startswith(f"{n}.")]:
        del found[other]


def _places(value: Mapping[str, Parameter], prefix: str) -> Iterator[tuple[str, Parameter]]:
    for name, item in value.items():
        if isinstance(item, dict) and item:
            yield from _places(item, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", item
