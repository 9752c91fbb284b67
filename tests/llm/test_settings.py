"""Budgets and prices come from the environment, and what is wrong there is named."""

import pytest

from experimentos.errors import LlmUnavailable
from experimentos.llm.choice import choice
from experimentos.llm.limits import Limits, limits_from, prices_from
from experimentos.llm.port import Usage
from experimentos.llm.rules import RuleAssistant
from experimentos.wiring import open_assistant


def test_nothing_set_means_the_defaults():
    assert limits_from({}) == Limits()
    assert prices_from({}) is None


def test_budgets_are_read():
    named = {
        "EXPERIMENTOS_LLM_SESSION_TOKENS": "50_000",
        "EXPERIMENTOS_LLM_DAY_TOKENS": "1,000,000",
        "EXPERIMENTOS_LLM_DAY_COST": "2.5",
    }
    limits = limits_from(named)
    assert (limits.session_tokens, limits.day_tokens, limits.day_cost) == (50_000, 1_000_000, 2.5)


@pytest.mark.parametrize("value", ["many", "-1", "inf", "nan"])
def test_a_budget_that_is_no_number_is_refused(value):
    with pytest.raises(LlmUnavailable, match="DAY_TOKENS"):
        limits_from({"EXPERIMENTOS_LLM_DAY_TOKENS": value})


def test_cached_tokens_cost_less():
    prices = prices_from({"EXPERIMENTOS_LLM_PRICES": "2/0.5/10 USD"})
    assert prices.currency == "USD"
    # 40 fresh at 2, 60 cached at 0.5, 20 received at 10, each per million.
    assert prices.cost(Usage(1, 100, 60, 20)) == pytest.approx(310e-6, rel=1e-12)


@pytest.mark.parametrize("value", ["2", "2/1", "a/b/c USD"])
def test_prices_in_another_form_are_refused(value):
    with pytest.raises(LlmUnavailable, match="PRICES"):
        prices_from({"EXPERIMENTOS_LLM_PRICES": value})


OWN = {"EXPERIMENTOS_LLM_BASE_URL": "http://127.0.0.1:11434/v1", "EXPERIMENTOS_LLM_MODEL": "small"}


def test_without_settings_the_rules_answer_and_nothing_leaves():
    assert (choice({}).name, choice({}).destination, choice({}).fault) == ("rules", "", "")
    assert isinstance(open_assistant(choice({})), RuleAssistant)


def test_a_model_is_named_with_where_it_is():
    chosen = choice(OWN)
    assert (chosen.name, chosen.destination) == ("small", "small at 127.0.0.1:11434")
    assert open_assistant(chosen).name == "small"


def test_a_key_alone_asks_no_model_and_with_a_name_asks_openai():
    key = {"OPENAI_API_KEY": "sk-planted"}
    assert not choice(key).has_model
    named = choice({**key, "EXPERIMENTOS_LLM_MODEL": "large"})
    assert named.destination == "large at api.openai.com"
    assert "planted" not in repr(named)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"EXPERIMENTOS_LLM_MODEL": ""}, "names no model"),
        ({"EXPERIMENTOS_LLM_BASE_URL": "http://models.example.org/v1"}, "https"),
        ({"EXPERIMENTOS_LLM_BASE_URL": "ftp://x"}, "no address"),
        ({"EXPERIMENTOS_LLM_DAY_TOKENS": "many"}, "no number"),
    ],
)
def test_settings_that_cannot_be_used_leave_the_rules_and_say_why(changes, word):
    chosen = choice({**OWN, **changes})
    assert not chosen.has_model
    assert word in chosen.fault


@pytest.mark.parametrize("host", ["localhost", "[::1]", "127.0.0.9"])
def test_this_machine_needs_no_encryption(host):
    own = {**OWN, "EXPERIMENTOS_LLM_BASE_URL": f"http://{host}:1/v1"}
    assert choice(own).has_model
