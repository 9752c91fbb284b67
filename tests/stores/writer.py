"""A process that saves without end and acknowledges each save on its output: something to kill.

Usage: writer.py WORKSPACE SEED [FILE_SIZE_LIMIT]
"""

import json
import random
import resource
import sys
from pathlib import Path

from experimentos.decision.decision import Decision, Verdict
from experimentos.errors import StoreError
from experimentos.flows import history
from experimentos.flows.ab_test import AbTest
from experimentos.flows.drafts import Draft, save_draft
from experimentos.health.report import HealthReport, Status
from experimentos.ids import content_hash
from experimentos.metrics.contract import Reading
from experimentos.plan.charter import Charter
from experimentos.policy import DEFAULT_POLICY
from experimentos.wiring import Settings, open_services


def outcome(content: bytes, charter: Charter) -> AbTest:
    reading = Reading(None, (), (), (), "results.csv", content_hash(content), "csv")
    health = HealthReport(Status.BLOCKED, (), None)
    decision = Decision(Verdict.HOLD, "blocked", "Hold: the data is blocked.")
    return AbTest(reading, charter, DEFAULT_POLICY, health, None, decision)


def say(**what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def main(workspace: Path, seed: int, limit: int | None) -> None:
    rng = random.Random(seed)
    store = open_services(Settings(workspace), serve=True).store
    if limit is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    draft = save_draft(store, Draft(title="work"), b"first")
    say(kind="draft", id=draft.id, revision=draft.revision, input=draft.input_sha256)
    for number in range(100_000):
        content = rng.randbytes(rng.choice((100, 5_000, 200_000)))
        charter = Charter(notes="n" * 2_000, hypothesis=f"number {number}")
        saved = history.save_analysis(
            store,
            outcome(content, charter),
            content,
            title=f"number {number}",
            memo_markdown="m" * rng.choice((500, 50_000)),
            memo_html="<p>memo</p>",
        )
        say(kind="analysis", id=saved.id, revision=1, input=content_hash(content))
        if rng.random() < 0.3:
            gone = history.remove(store, saved.id)
            say(kind="analysis", id=saved.id, revision=gone.revision, input=content_hash(content))
        # A large page makes the log reach its checkpoint within a few saves.
        page = {"large": rng.randbytes(300_000).hex()}
        draft = save_draft(store, draft.model_copy(update={"page": page}), content)
        say(kind="draft", id=draft.id, revision=draft.revision, input=draft.input_sha256)


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if sys.argv[3:] else None)
    except StoreError as exc:
        say(error=str(exc))
