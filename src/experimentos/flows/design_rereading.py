"""A description before and after it was changed, both read by the reader of its design."""

from collections.abc import Mapping
from dataclasses import dataclass

from experimentos.design.matching import pairs
from experimentos.design.parse.draft import Draft
from experimentos.flows.design_described import Described, described
from experimentos.flows.design_reading import kind_key, levels_key, names
from experimentos.flows.design_session import DesignSession, stands_by
from experimentos.flows.second_reading import Reader, SecondReading, draft_of, is_of, known_factor
from experimentos.llm.port import RULES


@dataclass(frozen=True, slots=True)
class Rereading:
    """Two readings of one description.

    Attributes
    ----------
    before, now : Described
        The wording that the design is in line with, and that of today.
    source : str
        Who read both: "rules", or the name of a model.
    reader : str
        As chosen when the design was taken over; "rules" when no model read both.
    """

    before: Described
    now: Described
    source: str
    reader: Reader


def is_from_model(session: DesignSession) -> bool:
    """Return whether the design was taken from a model's reading, alone or with the rules'."""
    second = session.second_reading
    return second is not None and second.source != RULES and session.reader != "rules"


def unread(session: DesignSession) -> tuple[str, ...]:
    """Return the wordings that a model has not read yet, the older one first."""
    known = (
        (session.in_line_with, session.second_reading),
        (session.text, session.new_reading),
    )
    return tuple(text for text, reading in known if not is_of(reading, text))


def with_reading(session: DesignSession, reading: SecondReading) -> DesignSession:
    """Return the session with a model's reading of one of its two wordings.

    A failed reading of the older one is not kept: the design is still a model's.
    """
    if not is_of(reading, session.in_line_with):
        return session.model_copy(update={"new_reading": reading})
    if reading.source == RULES:
        return session
    return session.model_copy(update={"second_reading": reading})


def reread(session: DesignSession) -> Rereading:
    """Return both wordings as the same reader reads them, with what was answered on the first.

    Where a model did not read both, the rules do; parts are then matched by their words.
    """
    drafts = _drafts(session)
    first, second = _answers(session, drafts)
    by_model = session.new_reading is not None and drafts.reader != "rules"
    return Rereading(
        described(session.in_line_with, drafts.before, first),
        described(session.text, drafts.now, second),
        session.new_reading.source if by_model and session.new_reading else RULES,
        drafts.reader,
    )


def in_line(session: DesignSession) -> DesignSession:
    """Return the session with its design in line with the description as it is."""
    kept: dict[str, object] = {
        "answers": _answers(session, _drafts(session))[1],
        "decided": {},
        "new_reading": None,
    }
    new = session.new_reading
    if new is not None and is_of(new, session.text) and new.source != RULES:
        kept["second_reading"] = new
    return stands_by(session.model_copy(update=kept), session.text)


def with_text(session: DesignSession, text: str) -> DesignSession:
    """Return a session that is only described yet with another description.

    What was answered stays with its factor, under the name that it has in the new words.
    """
    answers = session.answers
    if answers:
        was = draft_of(session.text, session.second_reading, session.reader)
        now = draft_of(text, session.second_reading, session.reader)
        answers = {**answers, **carried(answers, was, now)}
    return session.model_copy(update={"text": text, "answers": answers})


def carried(
    answers: Mapping[str, str], was: Draft, now: Draft, *, is_one_text: bool = False
) -> dict[str, str]:
    """Return answers about factors of one reading as answers about those of another.

    An answer is left behind when its factor is, or when the words say something else of it now:
    another kind, other levels.

    Parameters
    ----------
    is_one_text
        Two readers read the same words: what one of them read otherwise was answered all the same.
    """
    keys = (kind_key, levels_key)
    old, new = names(was.factors), names(now.factors)
    found = {
        key: answer
        for key, answer in answers.items()
        if key not in {own(name) for own in keys for name in old}
    }
    partners = pairs(
        *([known_factor(f, with_span=is_one_text) for f in d.factors] for d in (was, now))
    )
    for k, j in partners.items():
        one, other = was.factors[k], now.factors[j]
        same = (one.kind == other.kind, one.levels == other.levels)
        for own, is_same in zip(keys, same, strict=True):
            if (is_same or is_one_text) and own(old[k]) in answers:
                found[own(new[j])] = answers[own(old[k])]
    return found


@dataclass(frozen=True, slots=True)
class _Drafts:
    """What was taken over, and both wordings as one reader reads them."""

    taken: Draft
    before: Draft
    now: Draft
    reader: Reader


def _drafts(session: DesignSession) -> _Drafts:
    second, new = session.second_reading, session.new_reading
    sources = [r.source for r in (second, new) if r is not None]
    is_by_model = is_from_model(session) and not unread(session) and RULES not in sources
    reader = session.reader if is_by_model else "rules"
    return _Drafts(
        draft_of(session.in_line_with, second, session.reader),
        draft_of(session.in_line_with, second, reader),
        draft_of(session.text, new, reader),
        reader,
    )


def _answers(session: DesignSession, drafts: _Drafts) -> tuple[dict[str, str], dict[str, str]]:
    """Return the answers as they hold for the older wording, and for that of today."""
    first = carried(session.answers, drafts.taken, drafts.before, is_one_text=True)
    return first, carried(first, drafts.before, drafts.now)
