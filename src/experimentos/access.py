"""Who may come in: decided by the server's settings and by how a request arrived.

Nothing that a visitor can choose (a page, a query parameter, a header) opens a door; a header can
only close one. What is not allowed is refused.
"""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from experimentos.errors import ContractError

AUTH_NEEDS = ("redirect_uri", "cookie_secret")
IDLE = timedelta(hours=8)
LONGEST = timedelta(days=7)
# A clock that runs ahead at the provider is no reason to turn somebody away.
CLOCK_SKEW = timedelta(minutes=5)
# One of these says that somebody passed the request on: it did not start on this machine.
PASSED_ON = frozenset(
    {"forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"}
)


class Answer(StrEnum):
    """What a visitor is told; only `WELCOME` shows anything of the app."""

    WELCOME = "welcome"
    NOT_THIS_MACHINE = "not_this_machine"
    SIGN_IN = "sign_in"
    SIGN_IN_INCOMPLETE = "sign_in_incomplete"
    SIGN_IN_AGAIN = "sign_in_again"
    NOT_ON_THE_LIST = "not_on_the_list"
    NOT_THROUGH_THE_PROXY = "not_through_the_proxy"


@dataclass(frozen=True, slots=True)
class Gate:
    """The server's settings about who may come in.

    Attributes
    ----------
    has_auth : bool
        Sign-in is asked for: `[auth]` stands in the secrets. It then holds for everybody.
    auth_lacks : tuple[str, ...]
        What `[auth]` still needs before anybody can sign in.
    allow : tuple[str, ...]
        E-mail addresses, and domains that begin with @, in lower case.
    user_header : str
        Header in which the proxy in front names the person; empty without a proxy.
    is_public : bool
        Everybody may come in, each tab to a history of its own that is never written to disk.
    """

    has_auth: bool = False
    auth_lacks: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    user_header: str = ""
    is_public: bool = False

    @property
    def is_local(self) -> bool:
        """Return whether only a person at this machine comes in.

        Nobody else may have code of theirs run here, with the rights of that person.
        """
        return not (self.has_auth or self.user_header or self.is_public)

    @property
    def is_shared(self) -> bool:
        """Return whether those who come in see the one history of this workspace."""
        return not self.is_public or self.has_auth or bool(self.user_header)


@dataclass(frozen=True, slots=True)
class Visit:
    """How a request arrived.

    Attributes
    ----------
    peer : str | None
        Address that the connection came from; None where the server knows it is this machine.
    headers : Mapping[str, tuple[str, ...]]
        All values of each header, by its name in lower case.
    claims : Mapping[str, object]
        What the sign-in says of the person; empty when nobody signed in.
    last_seen : datetime | None
        When the same sign-in was last used, as far as this process knows.
    """

    peer: str | None
    headers: Mapping[str, tuple[str, ...]]
    claims: Mapping[str, object]
    last_seen: datetime | None = None


def decide_access(gate: Gate, visit: Visit, now: datetime) -> Answer:
    """Return whether the visitor may come in, and if not, why.

    Sign-in goes before a proxy, a proxy before a public demonstration, and that before the rule
    that holds without any setting: this machine alone.
    """
    if gate.has_auth:
        return _by_sign_in(gate, visit, now)
    if gate.user_header:
        return _by_proxy(gate, visit)
    if gate.is_public or is_from_this_machine(visit):
        return Answer.WELCOME
    return Answer.NOT_THIS_MACHINE


def read_gate(secrets: Mapping[str, object], environment: Mapping[str, str]) -> Gate:
    """Return the settings that the secrets and the environment ask for.

    Raises
    ------
    ContractError
        If `[access]` holds something else than it may.
    """
    auth = secrets.get("auth")
    access = secrets.get("access", {})
    if not isinstance(access, Mapping):
        raise _wrong("[access]", "a table")
    unknown = sorted(set(access) - {"allow", "user_header", "public"})
    if unknown:
        raise _wrong(f"[access] {unknown[0]}", "allow, user_header or public")
    header = access.get("user_header", environment.get("EXPERIMENTOS_USER_HEADER", ""))
    if not isinstance(header, str):
        raise _wrong("[access] user_header", "the name of a header")
    public = access.get("public", environment.get("EXPERIMENTOS_PUBLIC", "") == "1")
    if not isinstance(public, bool):
        raise _wrong("[access] public", "true or false")
    return Gate(
        has_auth=auth is not None,
        auth_lacks=() if auth is None else lacking(auth),
        allow=_allowed(access.get("allow", [])),
        user_header=header.strip().lower(),
        is_public=public,
    )


def lacking(auth: object) -> tuple[str, ...]:
    """Return what `[auth]` of the secrets lacks for anybody to sign in; all when it is none."""
    if not isinstance(auth, Mapping):
        return AUTH_NEEDS
    return tuple(name for name in AUTH_NEEDS if not auth.get(name))


def is_from_this_machine(visit: Visit) -> bool:
    """Return whether a person at this machine asks, and asks for this machine.

    The address alone does not tell: a proxy here, or a foreign page whose name was made to point
    here (DNS rebinding), arrives from loopback too. Both show in the headers.
    """
    if visit.peer is not None and not is_loopback(visit.peer):
        return False
    if not PASSED_ON.isdisjoint(visit.headers):
        return False
    hosts = visit.headers.get("host", ())
    origins = [value.partition("//")[2] for value in visit.headers.get("origin", ())]
    return len(hosts) == 1 and all(is_loopback(_host_name(host)) for host in (*hosts, *origins))


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach the address."""
    address = _address(host)
    return host.lower() == "localhost" if address is None else address.is_loopback


def is_private(host: str) -> bool:
    """Return whether the address belongs to a private network, and to one interface."""
    address = _address(host)
    return address is not None and address.is_private and not address.is_unspecified


def is_on_the_list(email: str, allow: Sequence[str]) -> bool:
    """Return whether an e-mail address, or exactly its domain, is on the list."""
    name = email.strip().lower()
    person, at, domain = name.partition("@")
    if not (person and at and domain) or "@" in domain or not name.isascii():
        return False
    return name in allow or f"@{domain}" in allow


def _by_sign_in(gate: Gate, visit: Visit, now: datetime) -> Answer:
    if gate.auth_lacks:
        return Answer.SIGN_IN_INCOMPLETE
    if visit.claims.get("is_logged_in") is not True:
        return Answer.SIGN_IN
    email = visit.claims.get("email")
    unproven = visit.claims.get("email_verified", True) not in (True, "true")
    if unproven or not isinstance(email, str) or not is_on_the_list(email, gate.allow):
        return Answer.NOT_ON_THE_LIST
    return Answer.WELCOME if _is_fresh(visit, now) else Answer.SIGN_IN_AGAIN


def _by_proxy(gate: Gate, visit: Visit) -> Answer:
    # Two values: the proxy added its own and left the visitor's.
    names = visit.headers.get(gate.user_header, ())
    if len(names) != 1 or not names[0].strip():
        return Answer.NOT_THROUGH_THE_PROXY
    if gate.allow and not is_on_the_list(names[0], gate.allow):
        return Answer.NOT_ON_THE_LIST
    return Answer.WELCOME


def _is_fresh(visit: Visit, now: datetime) -> bool:
    """Return whether the sign-in may still be used; one that cannot be dated may not."""
    signed_in = signed_in_at(visit.claims, now)
    if signed_in is None or not -CLOCK_SKEW <= now - signed_in <= LONGEST:
        return False
    return now - max(signed_in, visit.last_seen or signed_in) <= IDLE


def signed_in_at(claims: Mapping[str, object], now: datetime) -> datetime | None:
    """Return when the person signed in (claim `iat`, seconds), in the time zone of `now`."""
    issued = claims.get("iat")
    if isinstance(issued, bool) or not isinstance(issued, int | float):
        return None
    try:
        return datetime.fromtimestamp(issued, now.tzinfo)
    except (OverflowError, ValueError, OSError):
        return None


def _allowed(value: object) -> tuple[str, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise _wrong("[access] allow", "a list of e-mail addresses and @domains")
    names = [str(name).strip().lower() for name in value]
    for name in names:
        person, at, domain = name.partition("@")
        if not (at and domain) or "@" in domain or "*" in person:
            raise _wrong("[access] allow", "a list of e-mail addresses and @domains")
    return tuple(names)


def _wrong(where: str, needed: str) -> ContractError:
    return ContractError(
        f"The setting {where} of the server is not {needed}.",
        hint="Until it is mended in .streamlit/secrets.toml, nobody comes in; see docs/deploy.md.",
    )


def _host_name(host: str) -> str:
    """Return the name or address of a Host header, without the port."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None
