"""What an answer is worth: one scorer per kind, each from the answer and the target alone."""

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from experimentos.runs.strict import Strict

NUMBER = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]?\d{1,3})?|[-+]?\.\d+")
FENCE = re.compile(r"```(?:json)?\s*\n(.*?)```", re.DOTALL)
MOST_CHARACTERS = 1_000_000

type Kind = Literal["exact", "contains", "regex", "numeric", "json_field", "function"]


class ScorerPlan(Strict):
    """How an answer is scored.

    Attributes
    ----------
    kind : str
        exact: the answer is the target, but for spaces at its ends. contains: the target occurs
        in it. regex: `pattern` (RE2 syntax, linear time) is found in it. numeric: its last number
        is the target within the tolerances. json_field: it is JSON (alone or in a code fence) and
        `field` holds the target. function: `function` returns the score.
    ignore_case : bool
        Of exact, contains, regex and json_field.
    pattern : str | None
    absolute, relative : float
        |number - target| <= absolute + relative * |target|.
    field : str | None
        Path such as answer.city or items.0.
    function : str | None
        `module:function`, called with the answer and the target; your own code, run only from the
        command line and from Python.
    """

    kind: Kind
    ignore_case: bool = True
    pattern: Annotated[str, StringConstraints(min_length=1, max_length=2_000)] | None = None
    absolute: float = Field(default=1e-9, ge=0)
    relative: float = Field(default=1e-9, ge=0)
    field: Annotated[str, StringConstraints(pattern=r"^[^.]+(\.[^.]+)*$")] | None = None
    function: str | None = Field(default=None, pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Self:
        needed = {"regex": "pattern", "json_field": "field", "function": "function"}.get(self.kind)
        if needed is not None and getattr(self, needed) is None:
            raise PydanticCustomError(
                "scorer_incomplete",
                "the scorer {kind} needs {needed}",
                {"kind": self.kind, "needed": needed},
            )
        if self.pattern is not None and (fault := pattern_fault(self.pattern)):
            raise PydanticCustomError(
                "scorer_pattern", "the pattern cannot be used: {fault}", {"fault": fault}
            )
        return self

    @property
    def needs_target(self) -> bool:
        """Return whether every scenario must say what the right answer is."""
        return self.kind in {"exact", "contains", "numeric", "json_field"}


@dataclass(frozen=True, slots=True)
class Scored:
    """The worth of one answer.

    Attributes
    ----------
    score : float
        1 for right and 0 for wrong; what a function returned may be any finite number.
    why : str
        In a few words.
    """

    score: float
    why: str


type Scorer = Callable[[str, str], Scored]


def scorer_of(plan: ScorerPlan, function: Callable[..., Any] | None = None) -> Scorer:
    """Return what scores an answer against a target ("" for none).

    Parameters
    ----------
    plan
    function
        The loaded function of the kind "function".

    Raises
    ------
    ValueError
        By the scorer it returns, if the function answers with no finite number.
    """
    if plan.kind == "function":
        return lambda answer, target: _by_function(function, answer, target)
    rule = RULES[plan.kind]
    return lambda answer, target: rule(plan, answer[:MOST_CHARACTERS], target)


def _exact(plan: ScorerPlan, answer: str, target: str) -> Scored:
    same = _folded(plan, answer.strip()) == _folded(plan, target.strip())
    return _worth(same, "the answer is the target", "the answer is not the target")


def _contains(plan: ScorerPlan, answer: str, target: str) -> Scored:
    found = _folded(plan, target.strip()) in _folded(plan, answer)
    return _worth(found, "the target occurs", "the target does not occur")


def _regex(plan: ScorerPlan, answer: str, target: str) -> Scored:
    del target
    found = _matches(plan.pattern or "", answer, ignore_case=plan.ignore_case)
    return _worth(found, "the pattern is found", "the pattern is not found")


def _numeric(plan: ScorerPlan, answer: str, target: str) -> Scored:
    wanted, found = last_number(target), last_number(answer)
    if wanted is None:
        return Scored(0.0, "the target holds no number")
    if found is None:
        return Scored(0.0, "the answer holds no number")
    near = abs(found - wanted) <= plan.absolute + plan.relative * abs(wanted)
    return _worth(near, f"{found:g} is the target", f"{found:g} is not {wanted:g}")


def _json_field(plan: ScorerPlan, answer: str, target: str) -> Scored:
    fenced = FENCE.search(answer)
    try:
        value = json.loads(fenced[1] if fenced else answer)
    except (ValueError, RecursionError):
        return Scored(0.0, "the answer is not JSON")
    for step in (plan.field or "").split("."):
        value = _step(value, step)
        if value is None:
            return Scored(0.0, f"there is no field {plan.field}")
    number, wanted = _as_number(value), _as_number(target)
    if number is not None and wanted is not None:
        near = abs(number - wanted) <= plan.absolute + plan.relative * abs(wanted)
        return _worth(near, "the field is the target", f"the field is {number:g}")
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    same = _folded(plan, shown.strip()) == _folded(plan, target.strip())
    return _worth(same, "the field is the target", f"the field is {shown[:60]!r}")


type Rule = Callable[[ScorerPlan, str, str], Scored]

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "exact": _exact,
        "contains": _contains,
        "regex": _regex,
        "numeric": _numeric,
        "json_field": _json_field,
    }
)


def _by_function(function: Callable[..., Any] | None, answer: str, target: str) -> Scored:
    if function is None:
        raise ValueError("The scoring function was not loaded.")
    given = function(answer, target)
    if not isinstance(given, int | float) or not math.isfinite(given):
        raise ValueError(f"The scoring function answered {given!r:.60}, which is no finite number.")
    return Scored(float(given), "by the function")


def _worth(is_right: bool, right: str, wrong: str) -> Scored:  # noqa: FBT001 - it is the answer
    return Scored(1.0, right) if is_right else Scored(0.0, wrong)


def _folded(plan: ScorerPlan, text: str) -> str:
    return text.casefold() if plan.ignore_case else text


def last_number(text: str) -> float | None:
    """Return the last number in a text, where an answer usually stands; None without one."""
    found = NUMBER.findall(text)
    return _as_number(found[-1].replace(",", "")) if found else None


def _as_number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _step(value: object, step: str) -> Any:
    match value:
        case dict():
            return value.get(step)
        case list() if step.isdigit() and int(step) < len(value):
            return value[int(step)]
        case _:
            return None


def pattern_fault(pattern: str) -> str:
    """Return why RE2 refuses a pattern, "" when it does not."""
    import pyarrow as pa

    try:
        _matches(pattern, "", ignore_case=False)
    except pa.ArrowInvalid as exc:
        return str(exc).removeprefix("Invalid regular expression: ")[:200]
    return ""


def _matches(pattern: str, text: str, *, ignore_case: bool) -> bool:
    # RE2 cannot be made to backtrack: a pattern or an answer of anybody's ends in linear time.
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pc.match_substring_regex(
        pa.array([text], pa.string()), pattern, ignore_case=ignore_case
    )
    return bool(found[0].as_py())
