"""Published two-level fractions, and the one that a description names."""

import re
from collections.abc import Sequence

from experimentos.design.parts import Factor, Matrix

# Montgomery (2017), Design and Analysis of Experiments, table 8.14: the highest resolution for
# each number of factors and runs. One word for each factor; the resolution beside it.
FRACTIONS: dict[int, tuple[tuple[str, int], ...]] = {
    3: (("a b ab", 3),),
    4: (("a b c abc", 4),),
    5: (("a b c d abcd", 5), ("a b c ab ac", 3)),
    6: (("a b c d e abcde", 6), ("a b c d abc bcd", 4), ("a b c ab ac bc", 3)),
    7: (
        ("a b c d e f abcdef", 7), ("a b c d e abcd abde", 4), ("a b c d abc bcd acd", 4),
        ("a b c ab ac bc abc", 3),
    ),
    8: (
        ("a b c d e f abcd abef", 5), ("a b c d e abc abd bcde", 4),
        ("a b c d bcd acd abc abd", 4),
    ),
}  # fmt: skip
SHARES = {"half": 2, "quarter": 4, "eighth": 8, "sixteenth": 16}
SHARE = re.compile(r"\b(half|quarter|eighth|sixteenth)[- ](?:fraction|replicate)", re.I)
POWER = re.compile(
    r"\b2\s*(?:\^\s*\(?|\*\*\s*\(?|\()\s*(\d{1,2})\s*[-\u2212\u2013]\s*(\d{1,2})\s*\)?"
)
RUNS = re.compile(
    r"\b(\d{1,3}|eight|sixteen|twelve)[- ](?:runs?|configurations?|experiments?)\b", re.I
)
NUMBERS = {"eight": 8, "twelve": 12, "sixteen": 16}
CENTRE = re.compile(r"\b(\d{1,2}|three|four|five|six)\s+(?:centre|center)[- ]points?", re.I)
CENTRES = {"three": 3, "four": 4, "five": 5, "six": 6}


def runs_of(generators: str) -> int:
    """Return the runs of a fraction: each letter alone halves and doubles them once."""
    return int(2 ** sum(len(word) == 1 for word in generators.split()))


def named_fraction(text: str, factors: Sequence[Factor]) -> Matrix | None:
    """Return the fraction or Plackett-Burman design that a description names, None when unsure.

    The runs are told by "half fraction", "2^(5-1)" or "16 runs", and a published fraction of two
    levels for each factor has just as many.
    """
    if not all(len(f.levels) == 2 for f in factors):
        return None
    k, ids = len(factors), tuple(f.id for f in factors)
    is_plackett = re.search(r"plackett", text, re.I) is not None
    told = _told_runs(text, k)
    centre = _centre(text) if all(_has_numbers(f) for f in factors) else 0
    if is_plackett and 4 * (k // 4 + 1) in told:
        return Matrix(form="plackett_burman", factor_ids=ids, centre_points=centre)
    for generators, _ in FRACTIONS.get(k, ()):
        if not is_plackett and runs_of(generators) in told:
            return Matrix(
                form="fraction", factor_ids=ids, generators=generators, centre_points=centre
            )
    return None


def _told_runs(text: str, k: int) -> set[int]:
    """Return the numbers of runs that a text speaks of, the surest way that it does."""
    share = SHARE.search(text)
    if share is not None:
        return {2**k // SHARES[share[1].casefold()]}
    power = POWER.search(text)
    if power is not None and int(power[1]) > int(power[2]):
        return {2 ** (int(power[1]) - int(power[2]))}
    return {
        NUMBERS[m[1].casefold()] if m[1].casefold() in NUMBERS else int(m[1])
        for m in RUNS.finditer(text)
    }


def _centre(text: str) -> int:
    found = CENTRE.search(text)
    if found is None:
        return 0
    word = found[1].casefold()
    return CENTRES[word] if word in CENTRES else int(word)


def _has_numbers(factor: Factor) -> bool:
    return all(level.value is not None for level in factor.levels)
