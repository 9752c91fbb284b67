"""A stand-in for a model that is asked for text: what `temperature.yaml` runs, in a moment each."""

import random
from collections.abc import Mapping

WORDS = ("red", "green", "blue", "amber", "violet", "grey", "teal", "coral", "ivory", "black")


def simulate(temperature: float, answers: int = 200) -> Mapping[str, float]:
    """Return how diverse and how faithful the answers at a temperature are.

    The generator of `random` is seeded for every run, so a run comes out again bit by bit.
    """
    likely = [2.718281828 ** (-rank / (1 + 6 * temperature)) for rank in range(len(WORDS))]
    said = random.choices(WORDS, likely, k=answers)  # noqa: S311 - a simulation, no secret
    share = [said.count(word) / answers for word in WORDS]
    faithful = sum(random.random() > 0.1 * temperature for _ in said)  # noqa: S311 - as above
    print(f"{answers} answers at temperature {temperature}")  # noqa: T201 - ends in the run's log
    return {
        "diversity": 1 - sum(part * part for part in share),
        "faithfulness": faithful / answers,
    }
