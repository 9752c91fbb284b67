"""Designs to start from, one JSON file each."""

from functools import cache
from importlib.resources import files

from pydantic import Field, ValidationError

from experimentos.design.document import ExperimentDescription, explain
from experimentos.design.parts import Id, Name, Part, Text
from experimentos.errors import DesignError, NotFound


class Template(Part):
    """A design to start from.

    Attributes
    ----------
    name : str
        Of the file.
    category : str
        Field of use.
    about : str
        One or two sentences for its card.
    """

    name: Id
    category: Name
    about: Text = Field(min_length=1)
    design: ExperimentDescription


@cache
def templates() -> tuple[Template, ...]:
    """Return the templates that come with the program, by category and title.

    Raises
    ------
    DesignError
        If a file is not a template.
    """
    found = [
        read_template(entry.read_text(encoding="utf-8"))
        for entry in files(__name__).iterdir()
        if entry.name.endswith(".json")
    ]
    return tuple(sorted(found, key=lambda t: (t.category, t.design.title)))


def read_template(text: str) -> Template:
    """Return the template that a JSON text holds.

    Raises
    ------
    DesignError
        If it is not one.
    """
    try:
        return Template.model_validate_json(text)
    except ValidationError as exc:
        raise DesignError(
            f"The template cannot be read: {explain(exc)}.", hint="Correct the field named."
        ) from exc


def template(name: str) -> Template:
    """Return a template by name.

    Raises
    ------
    NotFound
        If there is none.
    """
    for found in templates():
        if found.name == name:
            return found
    known = ", ".join(t.name for t in templates())
    raise NotFound(f"There is no template {name!r}.", hint=f"Templates: {known}.")
