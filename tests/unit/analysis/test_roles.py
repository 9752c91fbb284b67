import pytest

from experimentos.analysis.roles import guess_direction


@pytest.mark.parametrize(
    "name",
    [
        "errors", "error_rate", "CrashCount", "refunded", "churn_30d", "cancellations",
        "complaints", "unsubscribes", "bounce", "p95_latency", "timeouts", "returns",
        "payment_failures", "opt_outs", "uninstalls", "page_abandoned", "support_tickets",
        "contacts_to_support", "disputes", "incidents", "outages", "escalated_cases",
    ],
)  # fmt: skip
def test_names_of_bad_things_are_better_lower(name):
    assert guess_direction(name) == "lower"


@pytest.mark.parametrize(
    "name",
    [
        "retention_1", "orders", "signups", "returning_users", "error_free_sessions", "revenue", "",
        "tickets_sold", "supporters", "resolved_support_tickets",
    ],
)  # fmt: skip
def test_other_names_are_better_higher(name):
    assert guess_direction(name) == "higher"
