"""The one page that somebody sees who may not come in."""

from collections.abc import Callable

import streamlit as st

from experimentos.access import Answer, Gate, Visit
from experimentos.ui import format as fmt

WIDTH = 640
LOCAL = "make run\n# or\nexperimentos serve --host localhost"
SIGN_IN = """\
[auth]  # docs/deploy.md has every line
redirect_uri = "https://..."

[access]
allow = ["@example.org"]"""


def draw(answer: Answer, gate: Gate, visit: Visit) -> None:
    """Draw why the app stays closed and what opens it; nothing of the workspace is read."""
    with st.container(horizontal_alignment="center"), st.container(width=WIDTH):
        st.title("ExperimentOS", anchor=False)
        with st.container(border=True):
            _PAGES[answer](gate, visit)


def _not_this_machine(_gate: Gate, _visit: Visit) -> None:
    st.subheader("This app is closed to visitors", anchor=False)
    st.markdown(
        "It answers only a browser on the machine that it runs on, because no sign-in is set up. "
        "Nothing was read or shown."
    )
    st.markdown("**Is it your machine?** Start it for yourself and open the `localhost` address:")
    st.code(LOCAL, language="console")
    st.markdown("**Is it for a team?** Ask whoever runs it to set up sign-in:")
    st.code(SIGN_IN, language="toml")
    st.caption("A proxy that signs people in, and a public demonstration: see docs/deploy.md.")


def _sign_in(_gate: Gate, _visit: Visit) -> None:
    st.subheader("Sign in to go on", anchor=False)
    st.markdown("You come in with the account of your organisation.")
    _sign_in_button("Sign in")


def _sign_in_again(_gate: Gate, visit: Visit) -> None:
    st.subheader("Please sign in again", anchor=False)
    st.markdown(
        f"The sign-in of {_email(visit)} was not used for eight hours, or is older than a week. "
        "Everything is saved."
    )
    _sign_in_button("Sign in again")


def _not_on_the_list(gate: Gate, visit: Visit) -> None:
    st.subheader("This account may not come in", anchor=False)
    if gate.allow:
        st.markdown(f"{_email(visit)} is not on the list of this server. Ask whoever runs it.")
    else:
        st.markdown("The list of this server is empty, so nobody may come in yet. It is written as")
        st.code('[access]\nallow = ["@example.org", "ada@example.com"]', language="toml")
    if gate.has_auth and st.button("Use another account", icon=":material/logout:"):
        st.logout()


def _sign_in_incomplete(gate: Gate, _visit: Visit) -> None:
    st.subheader("Sign-in is not set up completely", anchor=False)
    st.markdown(
        f"`[auth]` in the server's secrets lacks {fmt.listed(list(gate.auth_lacks))}. "
        "Until then nobody comes in; docs/deploy.md has every line."
    )


def _not_through_the_proxy(gate: Gate, _visit: Visit) -> None:
    st.subheader("Please come in through the front door", anchor=False)
    st.markdown(
        "This server takes visitors only from the proxy that signs them in, and the proxy did "
        f"not say who you are (header **{fmt.plain(gate.user_header)}**)."
    )


def _sign_in_button(label: str) -> None:
    if not has_sign_in_library():
        st.warning(
            "The server lacks the library for it. Whoever runs it installs "
            '`pip install "streamlit[auth]"` and starts it again.'
        )
        return
    if st.button(label, type="primary", icon=":material/login:"):
        st.login()


def has_sign_in_library() -> bool:
    """Return whether Authlib, which `st.login` needs, is installed."""
    from importlib.util import find_spec

    return find_spec("authlib") is not None


def _email(visit: Visit) -> str:
    return f"**{fmt.plain(str(visit.claims.get('email') or 'This account'))}**"


_PAGES: dict[Answer, Callable[[Gate, Visit], None]] = {
    Answer.NOT_THIS_MACHINE: _not_this_machine,
    Answer.SIGN_IN: _sign_in,
    Answer.SIGN_IN_AGAIN: _sign_in_again,
    Answer.SIGN_IN_INCOMPLETE: _sign_in_incomplete,
    Answer.NOT_ON_THE_LIST: _not_on_the_list,
    Answer.NOT_THROUGH_THE_PROXY: _not_through_the_proxy,
}
