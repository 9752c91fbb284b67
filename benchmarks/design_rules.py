"""Time all rules on a design table of 5,000 rows, and print the recall on the described texts.

python benchmarks/design_rules.py
"""

import json
import statistics
import time
from pathlib import Path

from experimentos.design.document import ExperimentDescription
from experimentos.design.from_draft import from_draft
from experimentos.design.parse.describe import parse_design
from experimentos.design.parse.draft import (
    Draft,
    DraftFactor,
    DraftResponse,
    Evidence,
    Replication,
)
from experimentos.design.parts import Allotment, Factor, Level, Response, UnitLevel
from experimentos.design.rules import RULES, context, findings, validate_design

TEXTS = Path(__file__).parents[1] / "tests" / "reference" / "descriptions"
REPEATS = 30


def large() -> ExperimentDescription:
    """Return a split-plot of 5,000 rows: 125 blocks, 5 varieties, 8 rates."""

    def treatment(id_: str, count: int) -> Factor:
        levels = tuple(Level(label=f"{id_}{k}", is_control=k == 0) for k in range(count))
        return Factor(id=id_, name=id_, kind="treatment", levels=levels)

    return ExperimentDescription(
        factors=(
            Factor(id="block", name="block", kind="blocking"),
            treatment("variety", 5),
            treatment("rate", 8),
        ),
        units=(
            UnitLevel(id="blocks", name="block", count=125, factor_id="block"),
            UnitLevel(id="whole", name="whole plot", parent="blocks", count=5),
            UnitLevel(id="plot", name="plot", parent="whole", count=8),
        ),
        allotments=(
            Allotment(id="a", factor_id="variety", unit_id="whole", rule="within_block"),
            Allotment(id="b", factor_id="rate", unit_id="plot", rule="within_block"),
        ),
        responses=(
            Response(id="y", name="y", expected_range=(0, 10), smallest_effect=1, primary=True),
        ),
    )


def milliseconds(call) -> float:
    """Return the median of some calls, in milliseconds."""
    taken = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        call()
        taken.append(1000 * (time.perf_counter() - start))
    return statistics.median(taken)


def gold_draft(gold: dict) -> Draft:
    """Return the draft that a perfect parser would have made."""
    nowhere = Evidence(0, 0, "")
    replication = gold["replication"]
    return Draft(
        factors=tuple(
            DraftFactor(
                name=f["name"], kind=f["kind"], levels=tuple(f["levels"]), unit=f["unit"],
                n_levels=f["n_levels"], evidence=nowhere, confidence=1.0, rule="gold",
            )
            for f in gold["factors"]
        ),
        responses=tuple(
            DraftResponse(r["name"], r["family"], nowhere, 1.0) for r in gold["response"]
        ),
        design_class=gold["design_class"],
        randomisation_unit=gold["randomisation_unit"],
        replication=Replication(
            replication["per_cell"], replication["unit"], replication["technical"],
            replication["total_units"],
        ),
        questions=(),
    )  # fmt: skip


def recall(draft_of) -> None:
    """Print which expected issues were raised."""
    hits = wanted = 0
    for path in sorted(TEXTS.glob("doe-*.json")):
        case = json.loads(path.read_text(encoding="utf-8"))
        design = from_draft(draft_of(case), text=case["text"])
        raised = {f.rule for f in validate_design(design)}
        expected = set(case["gold"]["expected_issues"])
        hits, wanted = hits + len(expected & raised), wanted + len(expected)
        missed = sorted(expected - raised) or "-"
        print(f"{case['id']}  expected {sorted(expected) or '-'}  missed {missed}  "
              f"raised {' '.join(sorted(raised))}")  # fmt: skip
    print(f"recall {hits} of {wanted}\n")


def main() -> None:
    """Print the table."""
    design = large()
    given = context(design)
    print(f"rows {given.table.n}")
    print(f"table and anatomy {milliseconds(lambda: context(design)):8.2f} ms")
    print(f"all {len(RULES)} rules      {milliseconds(lambda: findings(given)):8.2f} ms\n")
    print("from the true factors")
    recall(lambda case: gold_draft(case["gold"]))
    print("from the parser")
    recall(lambda case: parse_design(case["text"]))


if __name__ == "__main__":
    main()
