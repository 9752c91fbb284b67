"""Variants as a person types them: one a line, `balanced: temperature=0.7, model=small`."""

from experimentos.errors import ContractError
from experimentos.runs.documents import Parameter, Parameters
from experimentos.runs.experiment_file import value_of

EXAMPLE = "low: temperature=0.3\nmid: temperature=0.7\nhigh: temperature=1.0"


def read_variants(text: str) -> list[dict[str, object]]:
    """Return the variants of a text: name and parameters, a dotted name being a nested one.

    Raises
    ------
    ContractError
        With the line that cannot be read.
    """
    found: list[dict[str, object]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        name, _, rest = line.partition(":")
        found.append({"name": name.strip(), "parameters": _parameters(rest, number)})
    return found


def _parameters(text: str, line: int) -> Parameters:
    parameters: Parameters = {}
    for part in text.split(","):
        if not part.strip():
            continue
        name, equals, value = part.partition("=")
        if not equals or not name.strip():
            raise ContractError(
                f"Line {line}: {part.strip()[:60]!r} is not a parameter.",
                hint="Write name: parameter=value, parameter=value.",
            )
        _place(parameters, name.strip().split("."), value_of(value.strip()), line)
    return parameters


def _place(parameters: Parameters, path: list[str], value: Parameter, line: int) -> None:
    inner: dict[str, Parameter] = parameters
    for step in path[:-1]:
        under = inner.setdefault(step, {})
        if not isinstance(under, dict):
            raise ContractError(
                f"Line {line}: {step} is a value and holds parameters too.", hint="Keep one."
            )
        inner = under
    if path[-1] in inner:
        raise ContractError(f"Line {line}: {path[-1]} is given twice.", hint="Keep one of them.")
    inner[path[-1]] = value
