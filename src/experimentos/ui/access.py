"""The gate in front of every page: nothing is read or drawn before it has let the visitor in."""

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import streamlit as st

from experimentos.access import (
    IDLE,
    Answer,
    Gate,
    Visit,
    decide_access,
    read_gate,
)
from experimentos.errors import ContractError
from experimentos.ui import closed

type SignIn = tuple[str, str, str]


class SignIns:
    """When each sign-in was last used: shared by the tabs of this process, kept for eight hours."""

    def __init__(self) -> None:
        self._seen: dict[SignIn, datetime] = {}
        self._lock = threading.Lock()

    def last_seen(self, who: SignIn) -> datetime | None:
        """Return when this sign-in was last used, None if never or too long ago."""
        with self._lock:
            return self._seen.get(who)

    def saw(self, who: SignIn, now: datetime) -> None:
        """Remember that this sign-in is in use, and forget those that are not."""
        with self._lock:
            self._seen = {key: at for key, at in self._seen.items() if now - at <= IDLE}
            self._seen[who] = now


SIGN_INS = SignIns()


def gate() -> Gate:
    """Return the server's settings about who may come in.

    Raises
    ------
    ContractError
        If they cannot be understood; then nobody comes in.
    """
    secrets = st.secrets.to_dict() if st.secrets.load_if_toml_exists() else {}
    return read_gate(secrets, os.environ)


def visit() -> Visit:
    """Return how the request of this tab arrived."""
    headers = st.context.headers
    claims: dict[str, object] = dict(st.user.to_dict())
    return Visit(
        peer=st.context.ip_address,
        headers={name.lower(): tuple(headers.get_all(name)) for name in headers},
        claims=claims,
        last_seen=SIGN_INS.last_seen(_who(claims)),
    )


def admit() -> None:
    """Go on for a visitor who may come in; show anybody else the closed page and stop there."""
    settings, request, now = gate(), visit(), datetime.now(UTC)
    answer = decide_access(settings, request, now)
    if answer is Answer.WELCOME:
        if settings.has_auth:
            SIGN_INS.saw(_who(request.claims), now)
        return
    closed.draw(answer, settings, request)
    st.stop()


def while_admitted[T](make: Callable[[], T]) -> Callable[[], T]:
    """Return the function as one that asks the gate again when it is called, as a download does."""
    request = visit()

    def ask_and_make() -> T:
        seen = SIGN_INS.last_seen(_who(request.claims))
        if decide_access(gate(), replace(request, last_seen=seen), datetime.now(UTC)) is not (
            Answer.WELCOME
        ):
            raise ContractError("You are no longer signed in.", hint="Reload the page.")
        return make()

    return ask_and_make


def draw_account() -> None:
    """Draw who is signed in, and the way out; nothing where nobody has to sign in."""
    if not st.user.get("is_logged_in"):
        return
    with st.sidebar:
        st.caption("Signed in as")
        st.text(str(st.user.get("email", "")))
        if st.button("Sign out", key="access.sign_out", icon=":material/logout:", width="stretch"):
            st.logout()


def _who(claims: Mapping[str, object]) -> SignIn:
    """Return what tells one sign-in from another: the provider, the person and the time."""
    return (str(claims.get("iss")), str(claims.get("sub")), str(claims.get("iat")))
