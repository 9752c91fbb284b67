"""To what the treatments are allotted at random, and how often."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from experimentos.design.parse.lexicon import group_kind, lexicon, pattern, words
from experimentos.design.parse.mention import Mention, is_recipient
from experimentos.design.parse.mentions import TIMES, count_at
from experimentos.design.parse.sides import sides
from experimentos.design.parse.text import Text, singular
from experimentos.design.parse.turns import PANEL, is_in_turn

RANDOM = words("allotment_random")
RECEIVE = words("allotment_receive")
SYNONYMS = {
    "cookie id": "visitor", "cookie": "visitor", "sub-plot": "subplot",
}  # fmt: skip
NONE = pattern("allotment_none")
RUNS = pattern("allotment_runs")
AT_LEVEL = pattern("allotment_at_level")
CLUSTERS = frozenset({"nuisance", "blocking"})
NEVER = frozenset(
    {"envelope", "block", "replicate", "rep", "repeat", "seed", "random seed", "pair", "unit"}
)
IN_TURN = frozenset({"crossover", "latin_square", "incomplete_block"})
STRATA = pattern("allotment_strata")
PRIOR = {"unit": 0.4, "person": 0.4, "": 0.2, "nuisance": 0.1, "blocking": -0.6}
TURNS = frozenset({"crossover", "repeated_measures"})
BLENDS = frozenset({"blend", "mix", "mixture", "formulation", "recipe"})
HOLDERS = lexicon().groups.keys() - {"block", "row", "column"}
COUNTING = frozenset({"count", "counts", "counted", "counting"})
WITHIN_BLOCK = -1.5
SEEN = 0.3
STRATUM_REACH = 8
REACH = 7
"""Words between a unit and the verb that randomises it."""


def randomisation_unit(
    text: Text, found: Sequence[Mention], design: str, blocks: frozenset[str]
) -> str | None:
    """Return the unit to which treatments are allotted, in the singular, or None.

    `blocks` are the names of the blocking factors: treatments are allotted within them.
    """
    if design == "nested" or NONE.search(text.lower):
        return None
    return _told_unit(text, found, design) or _likeliest(text, found, design, blocks)


def _told_unit(text: Text, found: Sequence[Mention], design: str) -> str | None:
    """Return the unit that the class or the words settle, None where they do not."""
    if design == "strip_plot":
        return "strip"
    halved = sides(text, found) if design not in IN_TURN | {"split_plot"} else None
    if halved is not None:
        return halved.unit
    if design == "repeated_measures" and is_in_turn(text):
        people = Counter(m.noun for m in found if m.kind == "person")
        counted = {m.noun for m in found if m.kind == "person" and (m.each or m.count)}
        likely = [noun for noun, _ in people.most_common() if noun in counted]
        if likely:
            return likely[0]
    level = AT_LEVEL.search(text.lower)
    noun = singular(next(filter(None, level.groups()))) if level else ""
    return SYNONYMS.get(noun, noun) if group_kind(noun) is not None else None


def _likeliest(
    text: Text, found: Sequence[Mention], design: str, blocks: frozenset[str]
) -> str | None:
    """Return the unit for which the mentions speak most, if they say enough."""
    handed = frozenset(m.noun for m in found if is_recipient(text, m))
    scores: dict[str, float] = {}
    for m in found:
        noun = SYNONYMS.get(m.noun, m.noun)
        tasting = noun == "consumer" and noun in blocks
        repeated = design == "repeated_measures" and noun not in blocks
        in_turn = m.kind == "person" and (design in IN_TURN or repeated or tasting)
        in_turn = in_turn or (m.noun in PANEL and design == "incomplete_block")
        start = WITHIN_BLOCK if noun in blocks and design != "crossover" and not in_turn else 0.0
        scores[noun] = scores.get(noun, start + 0.8 * in_turn) + sum(
            _evidence(text, m, design, handed)
        )
    best = max(scores, key=lambda noun: scores[noun], default=None)
    if best is not None and scores[best] >= SEEN:
        return best
    taster = next((m.noun for m in found if m.noun in PANEL and m.noun in blocks), None)
    if taster is not None and is_in_turn(text):
        return taster
    if design == "mixture" and "run" not in text.lemmas:
        counted = (i for i, lemma in enumerate(text.lemmas) if lemma in BLENDS)
        blend = next((text.lemmas[i] for i in counted if count_at(text, i - 1)), None)
        if blend is not None:
            return blend
    return "run" if RUNS.search(text.lower) else None


def _evidence(text: Text, m: Mention, design: str, handed: frozenset[str]) -> Iterator[float]:
    """Yield what a mention says for and against its being the unit."""
    seen = m.count is not None or m.each or text.at(m.last) != text.lemmas[m.last]
    yield PRIOR[m.kind] if seen else min(PRIOR[m.kind], 0.1)
    is_allotted = _is_allotted(text, m)
    is_cluster = design == "cluster_randomised" and m.kind in CLUSTERS
    before = tuple(text.at(i) for i in range(m.first - 4, m.first))
    is_condition = ("one", "of") in pairwise(before) and not {"each", "every"} & {*before}
    said = {
        -2.0: is_condition or (design in TURNS and m.noun in TIMES | {"trial"}),
        -1.9: _is_label(text, m),
        -1.5: _is_within(text, m),
        -1.7: m.kind in CLUSTERS and not is_cluster and _is_held_constant(text, m),
        -1.3: text.at(m.first - 1) == "of" and text.lemma(m.first - 2) in HOLDERS,
        -3.5: _is_stratum(text, m.first),
        -1.1: before[2:] == ("number", "of") or bool({*before[2:]} & COUNTING),
        -3.0: m.noun in NEVER or m.noun.endswith(" block"),
        4.0: m.noun == "subplot" and design == "split_plot",
        -2.1: m.kind == "blocking" and design == "split_plot" and m.noun not in handed,
        1.5: m.per_cell,
        0.6: m.count is not None,
        0.8: text.at(m.first - 1) == "=" or text.at(m.last + 1) in {"total", "altogether"},
        1.0: (m.each and text.at(m.last + 1) in RECEIVE) or _is_treated(text, m),
        0.9: before[2:] == ("set", "of"),
        0.7: m.kind == "blocking" and m.noun in handed,
        1.2: is_allotted,
        1.6: is_allotted and is_cluster,
    }
    yield from (weight for weight, holds in said.items() if holds)


def _is_label(text: Text, m: Mention) -> bool:
    """Return whether "lamp A" names a level."""
    label = text.tokens[m.last + 1].text if m.last + 1 < len(text.tokens) else ""
    single = m.count is None and not m.each and text.at(m.last) == text.lemmas[m.last]
    return single and len(label) == 1 and label.isupper()


def _is_within(text: Text, m: Mention) -> bool:
    """Return whether "within each morning" ends here, and not "within each morning four panels"."""
    for i in range(m.first - 1, max(m.first - 4, -1), -1):
        if text.at(i) == "within":
            return True
        if text.lemma(i) in lexicon().groups or not text.at(i).isalpha():
            return False
    return False


def _is_stratum(text: Text, first: int) -> bool:
    """Return whether "stratified by" stands right before."""
    start = max(first - STRATUM_REACH, 0)
    if not any(text.at(i) in {"by", "on", "for"} for i in range(start, first)):
        return False
    return STRATA.search(text.words(start, first - 1).lower()) is not None


def _is_held_constant(text: Text, m: Mention) -> bool:
    """Return whether "the same bench" or "one idle machine" only says what did not change."""
    lead = {text.at(i) for i in range(m.first - 2, m.first)}
    return (
        m.count is None
        and not _is_treated(text, m)
        and ("same" in lead or ("one" in lead and text.at(m.last + 1) not in {"of", "per", "for"}))
    )


def _is_treated(text: Text, m: Mention) -> bool:
    """Return whether "one culture is treated" or "the four trays get" says what is treated."""
    if is_recipient(text, m):
        return True
    near = [text.at(i) for i in range(m.last + 1, m.last + 5)]
    return text.at(m.first - 1) == "one" and "treated" in near


def _is_allotted(text: Text, m: Mention) -> bool:
    """Return whether "randomised", "assigned" … stands near, before "to UNIT" or after it."""
    sentence = text.tokens[m.first].sentence
    near = range(max(m.first - REACH, 0), min(m.last + REACH + 1, len(text.tokens)))
    for i in near:
        if text.at(i) not in RANDOM or text.tokens[i].sentence != sentence:
            continue
        if i > m.last and text.at(m.last + 1) not in {"to", "within", ":"}:
            return True
        between = {text.at(j) for j in range(i + 1, m.first)}
        if i < m.first and between & {"to", "by", "over", "among"} and not between & {"within"}:
            return True
    return False
