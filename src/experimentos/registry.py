"""One import line registers one part."""

from collections.abc import Mapping
from types import MappingProxyType


def collect[T](namespace: Mapping[str, object], kind: type[T]) -> Mapping[str, T]:
    """Return the parts of one kind found in a package's namespace, keyed by their `name`.

    Parameters
    ----------
    namespace
        `globals()` of the package's `__init__`, after its import lines.
    kind
        The class whose instances are the parts; it has a `name: str`.

    Raises
    ------
    ValueError
        If two different parts carry the same name.
    """
    table: dict[str, T] = {}
    for part in namespace.values():
        if not isinstance(part, kind):
            continue
        name = str(getattr(part, "name"))  # noqa: B009 - T is any class with a name
        if table.get(name, part) is not part:
            raise ValueError(f"Two parts of kind {kind.__name__} are called {name!r}.")
        table[name] = part
    return MappingProxyType(table)
