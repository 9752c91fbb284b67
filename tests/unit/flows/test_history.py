import json
import math
from dataclasses import replace
from datetime import date

import pytest

from experimentos.analysis.result import (
    Analysis,
    Compared,
    Direction,
    Frequentist,
    Interval,
    Lift,
    MetricResult,
    Role,
    Unavailable,
)
from experimentos.decision.decision import Decision, Verdict
from experimentos.errors import NotFound, StoreError
from experimentos.flows import ab_test, history
from experimentos.flows.ab_test import AbTest
from experimentos.health.report import HealthReport, SampleRatio, Status
from experimentos.ids import content_hash
from experimentos.metrics.contract import Reading
from experimentos.plan.charter import Charter, GuardrailPlan
from experimentos.policy import DEFAULT_POLICY, Policy

CONTENT = b"variant,users,conversions\ncontrol,100,10\ntreatment,100,20\n"
CHARTER = Charter(
    title="Größere Knöpfe",
    owner="Ana",
    guardrails=(GuardrailPlan(name="refunds", direction="lower", harm=0.0007),),
    split=(1.0, 1.0),
    start=date(2026, 10, 1),
)
POLICY = Policy(alpha=0.1, guardrail_harm=0.1 + 0.2)


def compared(p_value: float) -> Compared:
    return Compared(
        metric="conversion",
        arm="treatment",
        method="score",
        control_value=0.1,
        treatment_value=0.2,
        difference=0.1,
        interval=Interval(-math.inf, 0.1 + 0.2, 0.95),
        statistic=2.0,
        p_value=p_value,
        se=0.05,
        df=None,
        lift=Lift(1.0, Interval(0.1, math.inf, 0.95), "fieller"),
        n_control=100,
        n_treatment=100,
        unadjusted_p=p_value,
    )


def outcome(p_value: float = 0.047, verdict: Verdict = Verdict.LAUNCH) -> AbTest:
    primary = MetricResult(
        metric="conversion",
        kind="conversion",
        role=Role.PRIMARY,
        direction=Direction.HIGHER,
        harm=0.001,
        severe_harm=0.003,
        outcomes=(("treatment", compared(p_value)),),
        mde=None,
    )
    unavailable = Unavailable("beta_binomial", "no_users", "One arm has no users.")
    return AbTest(
        reading=Reading(
            None, (), ("variant",), (("control",),), "a.csv", content_hash(CONTENT), "csv"
        ),
        charter=CHARTER,
        policy=POLICY,
        health=HealthReport(
            Status.HEALTHY,
            (),
            SampleRatio(1.0, "exact_multinomial", None, (100, 100), (100.0, 100.0), 0.0, "a"),
            (("srm", True),),
        ),
        analysis=Analysis(Frequentist(0.1, primary, (), ()), (unavailable,)),
        decision=Decision(verdict, "primary_better", "Launch it.", ("p < 0.1",)),
    )


@pytest.fixture
def store(empty_store):
    return empty_store


def save(store, result=None, title="Buttons", **more):
    given = {"memo_markdown": "# Memo ✓", "memo_html": "<h1>Memo ✓</h1>", "mapping": {"n": "users"}}
    return history.save_analysis(
        store, result or outcome(), CONTENT, title=title, **{**given, **more}
    )


def test_an_analysis_is_opened_with_everything_that_was_saved(store):
    record = save(store)
    saved = history.open_analysis(store, record.id[:24])
    assert saved.record == record
    assert (saved.content, saved.name) == (CONTENT, "a.csv")
    assert saved.charter == CHARTER
    assert saved.policy == POLICY
    assert saved.mapping == {"n": "users"}
    assert saved.results["decision"]["verdict"] == "Launch"
    assert saved.results["analysis"]["frequentist"]["primary"]["harm"] == 0.001
    assert saved.versions["numpy"] == history.versions()["numpy"]
    assert history.memo(store, record.id, "md") == "# Memo ✓"
    assert history.memo(store, record.id, "html") == "<h1>Memo ✓</h1>"


def test_the_input_and_the_results_are_named_by_their_hashes(store):
    record = save(store)
    assert record.artefacts["input"] == content_hash(CONTENT)
    results = store.artefact(record.artefacts["results.json"])
    assert content_hash(results) == record.artefacts["results.json"]
    assert json.loads(results)["health"]["status"] == "healthy"


def test_the_same_results_have_the_same_hash_and_others_another(store):
    def hash_of(result):
        return save(store, result).artefacts["results.json"]

    assert hash_of(outcome(0.047)) == hash_of(outcome(0.047))
    assert hash_of(outcome(0.047)) != hash_of(outcome(math.nextafter(0.047, 1)))


def test_a_list_is_filtered_by_verdict_and_by_words(store):
    launch = save(store, title="Green button")
    hold = save(store, outcome(verdict=Verdict.HOLD), title="Red button")
    assert history.list_analyses(store) == [hold, launch]
    assert history.list_analyses(store, verdict="Hold") == [hold]
    assert history.list_analyses(store, "ana green") == [launch]
    assert history.list_analyses(store, "A.CSV", limit=1) == [hold]
    assert history.list_analyses(store, limit=1, before=hold.id) == [launch]


def test_deleting_can_be_undone(store):
    record = save(store)
    history.remove(store, record.id)
    assert history.list_analyses(store) == []
    assert [r.id for r in history.list_analyses(store, deleted=True)] == [record.id]
    history.restore(store, record.id)
    assert [r.id for r in history.list_analyses(store)] == [record.id]


def test_a_copy_holds_the_same_under_another_id(store):
    record = save(store)
    copy = history.duplicate(store, record.id)
    assert copy.id != record.id
    assert copy.title == "Copy of Buttons"
    original, again = (history.open_analysis(store, i) for i in (record.id, copy.id))
    assert replace(again, record=original.record) == original


def test_an_analysis_can_be_saved_under_the_id_that_its_memo_names_and_saved_again(store):
    id_ = "01M9XQ3J7C0000000000000000"
    first = save(store, id=id_)
    second = save(store, title="Renamed", id=id_, revision=first.revision)
    assert (second.id, second.revision, second.title) == (id_, 2, "Renamed")
    assert len(history.list_analyses(store)) == 1


def rerun_to(monkeypatch, store, result):
    asked = []

    def run(content, name, charter, policy, *, mapping):
        asked.append((content, name, charter, policy, mapping))
        return result

    monkeypatch.setattr(ab_test, "run", run)
    rerun = history.rerun(store, history.list_analyses(store)[0].id)
    assert asked == [(CONTENT, "a.csv", CHARTER, POLICY, {"n": "users"})]
    return rerun


def test_a_rerun_with_every_bit_the_same_is_identical(monkeypatch, store):
    save(store)
    rerun = rerun_to(monkeypatch, store, outcome())
    assert rerun.identical
    assert rerun.differences == ()
    assert rerun.versions == ()


def test_a_rerun_that_differs_in_the_last_bit_says_where(monkeypatch, store):
    save(store)
    rerun = rerun_to(monkeypatch, store, outcome(math.nextafter(0.047, 1)))
    assert not rerun.identical
    place = "analysis.frequentist.primary.outcomes[0][1]"
    assert rerun.differences == (
        f"{place}.p_value: 0.047 then, 0.04700000000000001 now",
        f"{place}.unadjusted_p: 0.047 then, 0.04700000000000001 now",
    )


def test_a_rerun_that_finds_nothing_to_analyse_says_so(monkeypatch, store):
    save(store)
    rerun = rerun_to(monkeypatch, store, replace(outcome(), analysis=None))
    assert not rerun.identical
    assert [d.split(":")[0] for d in rerun.differences] == ["analysis"]
    assert rerun.differences[0].endswith("then, nothing now")


def test_a_rerun_names_the_software_that_changed(monkeypatch, store):
    now = history.versions()
    monkeypatch.setattr(history, "versions", lambda: {**now, "numpy": "1.0"})
    save(store)
    monkeypatch.undo()
    assert rerun_to(monkeypatch, store, outcome()).versions == (
        f"numpy: 1.0 then, {now['numpy']} now",
    )


def test_a_policy_of_another_version_keeps_the_thresholds_it_knows(store):
    record = save(store)
    policy = {"alpha": 0.2, "of_the_future": 1.0}
    store.save(replace(record, body={**record.body, "policy": policy}))
    assert history.open_analysis(store, record.id).policy == replace(DEFAULT_POLICY, alpha=0.2)


def test_a_charter_of_another_version_is_refused_with_the_way_out(store):
    record = save(store)
    store.save(replace(record, body={**record.body, "charter": {"of_the_future": 1}}))
    with pytest.raises(StoreError, match="version of ExperimentOS that saved it"):
        history.open_analysis(store, record.id)


def test_an_unknown_analysis_is_not_found(store):
    with pytest.raises(NotFound):
        history.open_analysis(store, "0" * 26)
