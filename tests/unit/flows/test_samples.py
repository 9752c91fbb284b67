"""Every sample file shows what its button promises, and writes a memo that says so."""

from datetime import UTC, datetime

import pytest

from experimentos.decision.decision import Verdict
from experimentos.flows.ab_test import AbTest, run
from experimentos.flows.export import write_memo
from experimentos.health.report import Status
from experimentos.memo.subject import MemoFacts
from experimentos.ui.samples import FOLDER, SAMPLES
from experimentos.ui.samples_input import EXAMPLES

FACTS = MemoFacts(datetime(2026, 3, 2, tzinfo=UTC))
PROMISED = {
    "launch.csv": (Verdict.LAUNCH, "launch", Status.HEALTHY),
    "hold.csv": (Verdict.HOLD, "too_small_to_tell", Status.HEALTHY),
    "rollback.csv": (Verdict.ROLLBACK, "primary_worse", Status.HEALTHY),
    "guardrail_worse.csv": (Verdict.HOLD, "guardrail_worse", Status.HEALTHY),
    "srm_warning.csv": (Verdict.HOLD, "srm_warning", Status.WARNING),
    "blocked.csv": (Verdict.HOLD, "blocked", Status.BLOCKED),
    "three_arms.csv": (Verdict.LAUNCH, "launch", Status.HEALTHY),
}


def decided(sample) -> AbTest:
    return run(sample.path.read_bytes(), sample.file, sample.charter)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.file)
def test_a_sample_reads_decides_and_writes_both_memos(sample):
    test = decided(sample)
    assert test.reading.summary is not None
    for form in ("md", "html"):
        memo = write_memo(test, form, facts=FACTS)
        assert test.decision.verdict.value in memo
        assert test.reading.sha256 in memo


@pytest.mark.parametrize("file", PROMISED)
def test_a_sample_shows_what_it_promises(file):
    test = decided(next(sample for sample in SAMPLES if sample.file == file))
    assert (test.decision.verdict, test.decision.rule, test.health.status) == PROMISED[file]


def test_every_file_of_the_folder_is_offered_and_every_promise_is_kept_by_one():
    files = {path.name for path in FOLDER.glob("*.csv")}
    repeated = {file for file, _, _ in EXAMPLES}
    assert {sample.file for sample in SAMPLES} | repeated == files
    assert set(PROMISED) <= files


def test_the_order_value_sample_warns_that_orders_are_not_independent():
    (sample,) = (s for s in SAMPLES if s.file == "revenue_and_orders.csv")
    test = decided(sample)
    assert test.health.status is Status.WARNING
    assert "not independent" in write_memo(test, "md", facts=FACTS)
