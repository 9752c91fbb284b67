"""Who may come in: every way to arrive against every setting of the server."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from experimentos.access import (
    Answer,
    Gate,
    Visit,
    decide_access,
    is_from_this_machine,
    is_on_the_list,
    read_gate,
)
from experimentos.errors import ContractError

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
AUTH = {"redirect_uri": "https://x.example/oauth2callback", "cookie_secret": "s"}
ALLOW = ("@example.org", "ada@else.example")
SIGN_IN = Gate(has_auth=True, allow=ALLOW)


def visit(peer: str | None = "127.0.0.1", **headers: str) -> Visit:
    named = {name.replace("_", "-"): (value,) for name, value in headers.items()}
    return Visit(peer, {"host": ("localhost:8501",), **named}, {})


def signed_in(
    email: object = "bo@example.org",
    hours_ago: float = 1,
    seen_hours_ago: float | None = None,
    **more: object,
) -> Visit:
    issued = (NOW - timedelta(hours=hours_ago)).timestamp()
    claims = {"is_logged_in": True, "email": email, "iat": issued, **more}
    seen = None if seen_hours_ago is None else NOW - timedelta(hours=seen_hours_ago)
    return Visit("203.0.113.5", {}, claims, seen)


LOCAL = [
    visit(None),
    visit("127.0.0.1"),
    visit("127.0.0.2"),
    visit("::1", host="[::1]:8501"),
    visit("::ffff:127.0.0.1"),
    visit(host="127.0.0.1:8501"),
    visit(host="LOCALHOST"),
    visit(origin="http://localhost:8501"),
]
FOREIGN = [
    visit("192.168.1.4"),
    visit("203.0.113.5"),
    visit("2001:db8::1"),
    visit("not an address"),
    visit(""),
    visit(host="rebound.example:8501"),
    visit(host="localhost.rebound.example"),
    visit(host="127.0.0.1.rebound.example"),
    visit(host="localhost@rebound.example"),
    visit(host="0.0.0.0:8501"),
    visit(host=""),
    visit(host="[::1"),
    visit(origin="https://rebound.example"),
    visit(origin="null"),
    visit(x_forwarded_for="127.0.0.1"),
    visit(x_forwarded_host="localhost"),
    visit(x_forwarded_proto="http"),
    visit(x_real_ip="127.0.0.1"),
    visit(forwarded="for=127.0.0.1"),
    visit(via="1.1 proxy"),
    Visit("127.0.0.1", {}, {}),
    Visit("127.0.0.1", {"host": ("localhost", "rebound.example")}, {}),
]


@pytest.mark.parametrize("arrival", LOCAL, ids=repr)
def test_without_a_setting_this_machine_may_come_in(arrival):
    assert decide_access(Gate(), arrival, NOW) is Answer.WELCOME


@pytest.mark.parametrize("arrival", FOREIGN, ids=repr)
def test_without_a_setting_nobody_else_may(arrival):
    assert decide_access(Gate(), arrival, NOW) is Answer.NOT_THIS_MACHINE


@pytest.mark.parametrize("arrival", [*LOCAL, *FOREIGN], ids=repr)
def test_where_sign_in_is_asked_for_it_is_asked_of_everybody(arrival):
    assert decide_access(SIGN_IN, arrival, NOW) is Answer.SIGN_IN
    incomplete = Gate(has_auth=True, auth_lacks=("cookie_secret",), allow=ALLOW)
    assert decide_access(incomplete, arrival, NOW) is Answer.SIGN_IN_INCOMPLETE


@pytest.mark.parametrize("arrival", [*LOCAL, *FOREIGN], ids=repr)
def test_a_public_demonstration_takes_everybody_and_shares_nothing(arrival):
    gate = Gate(is_public=True)
    assert decide_access(gate, arrival, NOW) is Answer.WELCOME
    assert not gate.is_shared


@pytest.mark.parametrize("gate", [Gate(), SIGN_IN, Gate(user_header="x-user"), Gate(allow=ALLOW)])
def test_a_history_is_shared_by_those_whom_the_server_knows(gate):
    assert gate.is_shared


def test_sign_in_and_a_proxy_are_stronger_than_public():
    for gate in (
        Gate(has_auth=True, allow=ALLOW, is_public=True),
        Gate(user_header="x-user", is_public=True),
    ):
        assert decide_access(gate, visit(), NOW) is not Answer.WELCOME
        assert gate.is_shared


@pytest.mark.parametrize(
    ("email", "answer"),
    [
        ("bo@example.org", Answer.WELCOME),
        ("BO@Example.ORG", Answer.WELCOME),
        ("ada@else.example", Answer.WELCOME),
        ("bo@else.example", Answer.NOT_ON_THE_LIST),
        ("bo@sub.example.org", Answer.NOT_ON_THE_LIST),
        ("bo@notexample.org", Answer.NOT_ON_THE_LIST),
        ("bo@example.org.evil.example", Answer.NOT_ON_THE_LIST),
        ("bo@evil.example@example.org", Answer.NOT_ON_THE_LIST),
        ("@example.org", Answer.NOT_ON_THE_LIST),
        ("bo@ex\u0430mple.org", Answer.NOT_ON_THE_LIST),
        ("example.org", Answer.NOT_ON_THE_LIST),
        ("", Answer.NOT_ON_THE_LIST),
        (None, Answer.NOT_ON_THE_LIST),
        (["bo@example.org"], Answer.NOT_ON_THE_LIST),
    ],
)
def test_only_those_on_the_list_come_in(email, answer):
    assert decide_access(SIGN_IN, signed_in(email), NOW) is answer


def test_an_empty_list_lets_nobody_in():
    gate = Gate(has_auth=True)
    assert decide_access(gate, signed_in(), NOW) is Answer.NOT_ON_THE_LIST


@pytest.mark.parametrize("verified", [False, "false", None, 0])
def test_an_address_that_the_provider_did_not_verify_does_not_count(verified):
    arrival = signed_in(email_verified=verified)
    assert decide_access(SIGN_IN, arrival, NOW) is Answer.NOT_ON_THE_LIST


@pytest.mark.parametrize("flag", [False, None, "true", 1])
def test_only_a_sign_in_that_says_so_is_one(flag):
    arrival = signed_in(is_logged_in=flag)
    assert decide_access(SIGN_IN, arrival, NOW) is Answer.SIGN_IN


@pytest.mark.parametrize(
    ("hours_ago", "seen_hours_ago", "answer"),
    [
        (1, None, Answer.WELCOME),
        (8, None, Answer.WELCOME),
        (8.1, None, Answer.SIGN_IN_AGAIN),
        (100, 7, Answer.WELCOME),
        (100, 8.1, Answer.SIGN_IN_AGAIN),
        (168, 1, Answer.WELCOME),
        (168.1, 1, Answer.SIGN_IN_AGAIN),
        (-1, None, Answer.SIGN_IN_AGAIN),
    ],
)
def test_a_sign_in_ends_after_eight_idle_hours_and_after_a_week(hours_ago, seen_hours_ago, answer):
    arrival = signed_in(hours_ago=hours_ago, seen_hours_ago=seen_hours_ago)
    assert decide_access(SIGN_IN, arrival, NOW) is answer


@pytest.mark.parametrize("issued", [None, "yesterday", True, 1e300, float("nan")])
def test_a_sign_in_that_cannot_be_dated_has_ended(issued):
    assert decide_access(SIGN_IN, signed_in(iat=issued), NOW) is Answer.SIGN_IN_AGAIN


@pytest.mark.parametrize(
    ("values", "answer"),
    [
        (("bo@example.org",), Answer.WELCOME),
        (("bo@else.example",), Answer.NOT_ON_THE_LIST),
        (("bo@else.example", "bo@example.org"), Answer.NOT_THROUGH_THE_PROXY),
        (("  ",), Answer.NOT_THROUGH_THE_PROXY),
        ((), Answer.NOT_THROUGH_THE_PROXY),
    ],
)
def test_behind_a_proxy_somebody_must_be_named_once_and_be_on_the_list(values, answer):
    gate = Gate(user_header="x-forwarded-user", allow=ALLOW)
    arrival = Visit("127.0.0.1", {"host": ("localhost",), "x-forwarded-user": values}, {})
    assert decide_access(gate, arrival, NOW) is answer


def test_behind_a_proxy_without_a_list_the_proxy_decides():
    arrival = Visit("10.0.0.9", {"x-user": ("bo",)}, {})
    assert decide_access(Gate(user_header="x-user"), arrival, NOW) is Answer.WELCOME


@given(
    some.ip_addresses().map(str),
    some.dictionaries(some.text(), some.tuples(some.text())),
)
def test_no_header_lets_in_somebody_from_another_machine(peer, headers):
    arrival = Visit(peer, {**headers, "host": ("localhost",)}, {})
    if not any(peer.startswith(local) for local in ("127.", "::1", "::ffff:127.", "::ffff:7f")):
        assert not is_from_this_machine(arrival)


@given(some.text())
def test_no_address_of_another_domain_is_on_the_list(email):
    if not email.strip().lower().endswith("@example.org"):
        assert not is_on_the_list(email, ("@example.org",))


def test_the_settings_come_from_secrets_and_environment():
    gate = read_gate({"auth": AUTH, "access": {"allow": [" @Example.org ", "Ada@x.org"]}}, {})
    assert gate == Gate(has_auth=True, allow=("@example.org", "ada@x.org"))
    assert read_gate({}, {}) == Gate()
    assert read_gate({}, {"EXPERIMENTOS_PUBLIC": "1"}) == Gate(is_public=True)
    assert read_gate({}, {"EXPERIMENTOS_PUBLIC": "yes"}) == Gate()
    assert read_gate({"access": {"public": True}}, {}) == Gate(is_public=True)
    assert read_gate({}, {"EXPERIMENTOS_USER_HEADER": "X-User "}) == Gate(user_header="x-user")


@pytest.mark.parametrize(
    ("auth", "lacks"),
    [
        ({}, ("redirect_uri", "cookie_secret")),
        ({"redirect_uri": "https://x", "cookie_secret": ""}, ("cookie_secret",)),
        (True, ("redirect_uri", "cookie_secret")),
    ],
)
def test_sign_in_that_is_not_complete_is_still_asked_for(auth, lacks):
    gate = read_gate({"auth": auth}, {"EXPERIMENTOS_PUBLIC": "1"})
    assert (gate.has_auth, gate.auth_lacks) == (True, lacks)


@pytest.mark.parametrize(
    "access",
    [
        True,
        {"allow": "@example.org"},
        {"allow": 3},
        {"allow": ["example.org"]},
        {"allow": ["*@example.org"]},
        {"allow": ["@"]},
        {"allow": ["a@b@c"]},
        {"alow": ["@example.org"]},
        {"public": "false"},
        {"user_header": 3},
    ],
)
def test_settings_that_cannot_be_understood_let_nobody_in(access):
    with pytest.raises(ContractError, match="nobody comes in"):
        read_gate({"access": access}, {})
