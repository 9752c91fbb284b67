"""Laws of describing again, on real descriptions with words changed at random and edits by hand."""

from functools import cache

from hypothesis import example, given, settings
from hypothesis import strategies as st

from experimentos.design.parse.describe import parse_design
from experimentos.design.patch import Patch, Remove, Rename, Update, apply
from experimentos.flows.design_described import described
from experimentos.flows.design_redescribe import all_of, redescribed
from tests.unit.design.parse.corpus import OWN, SHARED, texts

MOST_STEPS = 60
EXAMPLES = 40
TEXTS = [d["text"] for folder in (SHARED, OWN) for d in texts(folder)]
WORDS = st.sampled_from(
    ("three", "eight", "12", "red", "blocks", "control", "and", "two", "days", ",", "random", "")
)
CHANGES = st.lists(st.tuples(st.integers(0, 400), WORDS, st.booleans()), min_size=1, max_size=5)


@cache
def read(text):
    return described(text, parse_design(text), {})


def reworded(text, changes):
    """Put words in the place of others, or before them; no word takes one away."""
    words = text.split()
    for place, word, is_instead in changes:
        at = place % max(1, len(words))
        words[at : at + (is_instead or not word)] = [word] if word else []
    return " ".join(words)


def with_word(start, old, new):
    """Change one place of a text; such changes turned the order of units round."""
    text = next(text for text in TEXTS if text.startswith(start))
    assert old in text
    return text, text.replace(old, new)


@st.composite
def wordings(draw):
    before = draw(st.sampled_from(TEXTS))
    other = draw(st.sampled_from(TEXTS))
    return before, reworded(draw(st.sampled_from((before, before, other))), draw(CHANGES))


@settings(max_examples=EXAMPLES)
@given(wordings())
@example(with_word("Tablet dissolution", "batches of each", "batches of three each"))
@example(with_word("A supermarket chain", "Every week", "three week"))
def test_a_design_as_it_was_read_takes_every_change(both):
    before, now = map(read, both)
    found = redescribed(before.document, before, now)
    assert found.unmatched == ()
    after = apply(before.document, all_of(before.document, found.proposals))
    left = redescribed(after, before, now)
    assert not any(proposal.is_safe for proposal in left.proposals)
    assert left.unmatched == ()


@settings(max_examples=EXAMPLES)
@given(wordings(), st.randoms(use_true_random=False))
def test_accepting_one_by_one_in_any_order_comes_to_an_end(both, chance):
    before, now = map(read, both)
    document, decided = before.document, {}
    for _ in range(MOST_STEPS):
        proposals = redescribed(document, before, now, decided).proposals
        if not proposals:
            return
        chosen = chance.choice(proposals)
        document = apply(document, chosen.patch)
        decided[chosen.id] = "accepted"
    raise AssertionError([proposal.sentences for proposal in proposals])


def by_hand(document, chance):
    """Edits as people make them: names, counts, a response less."""
    factors = chance.sample(document.factors, k=min(2, len(document.factors)))
    for factor in factors:
        yield Rename(part="factors", id=factor.id, name=f"my {factor.name} of choice"[:200])
    for unit in document.units[:1]:
        yield Update(part="units", id=unit.id, fields={"count": 77})
    for response in document.responses[1:2]:
        yield Remove(part="responses", id=response.id)


@settings(max_examples=EXAMPLES)
@given(wordings(), st.randoms(use_true_random=False))
def test_accepting_all_takes_back_nothing_done_by_hand(both, chance):
    before, now = map(read, both)
    edits = tuple(by_hand(before.document, chance))
    current = apply(before.document, Patch(edits=edits))
    found = redescribed(current, before, now)
    after = apply(current, all_of(current, found.proposals))
    for edit in edits:
        part = next((p for p in getattr(after, edit.part) if p.id == edit.id), None)
        if isinstance(edit, Remove):
            assert part is None
        elif isinstance(edit, Rename):
            assert part is not None
            assert part.name == edit.name
        else:
            assert part is not None
            assert part.count == 77


@settings(max_examples=EXAMPLES)
@given(wordings())
def test_every_proposal_shows_words_that_stand_in_one_of_the_wordings(both):
    before, now = map(read, both)
    for proposal in redescribed(before.document, before, now).proposals:
        assert proposal.words
        for words in proposal.words:
            assert words.text in (both[0] if words.is_gone else both[1])
            assert all(0 <= a < b <= len(words.text) for a, b in words.changed)
