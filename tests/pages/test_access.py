"""Nobody is let in: every page, every route, every download stands behind the gate."""

import ast
import runpy
from datetime import UTC, datetime
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from experimentos.access import Answer, Gate
from experimentos.errors import ContractError
from experimentos.ui import access, closed, guard, services, state
from experimentos.ui.navigation import SCREENS

ROOT = Path(__file__).resolve().parents[2]
AUTH = Gate(has_auth=True, allow=("@example.org",))
REAL_VISIT = access.visit
STRANGERS = {
    "another machine": {"peer": "192.168.1.4"},
    "a name that was made to point here": {"host": "rebound.example"},
    "a proxy on this machine": {"x_forwarded_for": "127.0.0.1"},
}


def claims(email: str = "bo@example.org", **more: object) -> dict[str, object]:
    now = datetime.now(UTC).timestamp()
    return {"is_logged_in": True, "email": email, "sub": email, "iat": now, **more}


@pytest.fixture
def settings(monkeypatch):
    """A function that sets what the server's settings say."""
    return lambda gate: monkeypatch.setattr(access, "gate", lambda: gate)


@pytest.fixture
def nothing_read(monkeypatch, workspace):
    """The store and the session must not be touched, nor the workspace made."""

    def touched(*_: object, **__: object) -> None:
        raise AssertionError("Something was read before the visitor was let in.")

    for module, name in ((services, "shared"), (services, "private"), (guard, "ensure_state")):
        monkeypatch.setattr(module, name, touched)
    yield
    assert not workspace.exists()
    monkeypatch.undo()


@pytest.mark.usefixtures("nothing_read")
@pytest.mark.parametrize("arrives", STRANGERS.values(), ids=STRANGERS)
@pytest.mark.parametrize("name", SCREENS)
def test_a_stranger_sees_only_the_closed_page(name, arrives, arrival):
    arrival(**arrives)
    for script in (ROOT / "src/experimentos/ui/main.py", Path(SCREENS[name].script)):
        at = AppTest.from_file(str(script), default_timeout=30)
        at.query_params["s"] = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
        at.run()
        assert [title.value for title in at.title] == ["ExperimentOS"]
        assert [head.value for head in at.subheader] == ["This app is closed to visitors"]
        assert "make run" in at.code[0].value
        assert not at.button
        assert not at.sidebar.children
        assert not at.get("page_link")


@pytest.mark.usefixtures("nothing_read")
@pytest.mark.parametrize("name", SCREENS)
def test_a_session_that_may_no_longer_come_in_loses_the_page_it_was_on(name, arrival, settings):
    settings(AUTH)
    arrival("203.0.113.5", claims(iat=0))
    at = AppTest.from_file(SCREENS[name].script, default_timeout=30)
    at.session_state[state.KEY] = state.Session()
    at.run()
    assert [head.value for head in at.subheader] == ["Please sign in again"]


@pytest.mark.usefixtures("nothing_read")
@pytest.mark.parametrize(
    ("gate", "who", "says"),
    [
        (AUTH, {}, "Sign in to go on"),
        (AUTH, claims("eve@else.example"), "may not come in"),
        (Gate(has_auth=True), claims(), "list of this server is empty"),
        (Gate(has_auth=True, auth_lacks=("cookie_secret",)), claims(), "lacks cookie_secret"),
        (Gate(user_header="x-user"), claims(), "through the front door"),
    ],
)
def test_whoever_is_refused_reads_why(tab, arrival, settings, gate, who, says):
    settings(gate)
    arrival(claims=who)
    words = tab().open().words
    assert says in words
    assert "Experiments" not in words


def test_signing_in_starts_at_the_provider_when_the_library_is_there(
    tab, arrival, settings, monkeypatch
):
    settings(AUTH)
    arrival()
    monkeypatch.setattr(closed, "has_sign_in_library", lambda: False)
    missing = tab().open()
    assert "streamlit[auth]" in missing.words
    assert not missing.labels
    asked: list[bool] = []
    monkeypatch.setattr(closed, "has_sign_in_library", lambda: True)
    monkeypatch.setattr(st, "login", lambda: asked.append(True))
    tab().open().press("Sign in")
    assert asked


def test_somebody_on_the_list_comes_in_and_can_sign_out(tab, arrival, settings, monkeypatch):
    settings(AUTH)
    arrival("203.0.113.5", claims())
    out: list[bool] = []
    monkeypatch.setattr(st, "logout", lambda: out.append(True))
    screen = tab()
    screen.at.user["is_logged_in"] = True
    screen.at.user["email"] = "bo@example.org"
    screen.open()
    assert screen.at.title[0].value == "Experiments"
    assert "bo@example.org" in [text.value for text in screen.at.sidebar.text]
    screen.press("Sign out")
    assert out


def test_a_sign_in_that_is_used_stays_open_and_those_forgotten_are_dropped():
    signed_in, now = access.SignIns(), datetime(2026, 11, 20, tzinfo=UTC)
    bo, ada = ("iss", "bo", "1"), ("iss", "ada", "1")
    signed_in.saw(bo, now - access.IDLE * 2)
    assert signed_in.last_seen(bo) is not None
    signed_in.saw(ada, now)
    assert (signed_in.last_seen(ada), signed_in.last_seen(bo)) == (now, None)


def test_settings_that_cannot_be_understood_show_nothing(tab, monkeypatch, workspace):
    def wrong() -> Gate:
        raise ContractError("The setting [access] allow of the server is not a list.")

    monkeypatch.setattr(access, "gate", wrong)
    screen = tab().open()
    assert "not a list" in screen.words
    assert not screen.at.title
    assert not workspace.exists()
    monkeypatch.undo()


def test_a_download_is_made_only_for_somebody_who_may_still_come_in(arrival, settings):
    settings(AUTH)
    arrival(claims=claims())
    made = access.while_admitted(lambda: "the memo")
    assert made() == "the memo"
    settings(Gate(has_auth=True, allow=("@else.example",)))
    with pytest.raises(ContractError, match="no longer"):
        made()


def test_a_request_of_which_nothing_is_known_is_refused():
    answer = access.decide_access(Gate(), REAL_VISIT(), datetime.now(UTC))
    assert answer is Answer.NOT_THIS_MACHINE


def test_the_app_has_no_route_of_its_own():
    app = runpy.run_path(str(ROOT / "app.py"))["app"]
    # A route of one's own runs outside the pages' gate: whoever adds one checks there too.
    assert app._user_routes == []


@pytest.mark.parametrize("path", sorted((ROOT / "pages").glob("*.py")), ids=lambda p: p.name)
def test_a_page_does_nothing_but_run_behind_the_guard(path):
    assert str(path) in {screen.script for screen in SCREENS.values()}
    allowed = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign)
    tree = ast.parse(path.read_text())
    run = [ast.unparse(node) for node in tree.body[1:] if not isinstance(node, allowed)]
    assert run == ["guard.run(page)"]


@pytest.mark.parametrize("path", sorted((ROOT / "src/experimentos/ui").glob("*.py")), ids=str)
def test_no_callback_or_fragment_runs_before_the_gate(path):
    # Streamlit runs callbacks before the script, and fragments without it.
    tree = ast.parse(path.read_text())
    callbacks = [
        ast.unparse(keyword.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg in ("on_click", "on_change", "on_submit", "on_select")
        and not isinstance(keyword.value, ast.Constant)
    ]
    assert not callbacks
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        bare = [call.args[0]] if ast.unparse(call.func) == "st.fragment" else []
        bare += [keyword.value for keyword in call.keywords if keyword.arg == "on_dismiss"]
        for name in bare:
            first = functions[ast.unparse(name)].body[0]
            assert ast.unparse(first) == "access.admit()"
    assert "@st.fragment" not in path.read_text()
