"""`experimentos serve`: the app, closed to others until somebody decides who may come in."""

import os
import sys
import tomllib
from pathlib import Path
from typing import Annotated

import typer

from experimentos.access import is_loopback, is_private, lacking
from experimentos.errors import ContractError

USER_HEADER = "X-Forwarded-User"
ROOT = Path(__file__).resolve().parents[3]


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "localhost",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port to listen on.")] = 8501,
    behind_proxy: Annotated[
        bool,
        typer.Option(
            "--i-am-behind-a-proxy",
            help="A proxy in front signs people in; HOST is then a loopback or private address.",
        ),
    ] = False,
    user_header: Annotated[
        str, typer.Option(help="Header in which that proxy names the person who signed in.")
    ] = USER_HEADER,
) -> None:
    """Open the app in the browser's reach: on this machine, unless you say otherwise.

    Any other address needs sign-in: `[auth]` in .streamlit/secrets.toml, or a proxy. Whatever the
    address, the app itself looks at every visitor: docs/security.md says how.
    """
    from experimentos.wiring import settings_from_environment

    signed_in = has_sign_in(ROOT) or os.environ.get("EXPERIMENTOS_PUBLIC") == "1"
    allow(host, signed_in=signed_in, behind_proxy=behind_proxy)
    if not (ROOT / "app.py").is_file():
        raise ContractError(
            "The app's pages are not part of the installed package.",
            hint="Run `make run` or `experimentos serve` from a copy of the repository.",
        )
    if behind_proxy:
        os.environ["EXPERIMENTOS_USER_HEADER"] = user_header
    os.environ["EXPERIMENTOS_HOME"] = str(settings_from_environment().workspace)
    sys.stdout.flush()
    start(command(host, port))


def allow(host: str, *, signed_in: bool, behind_proxy: bool) -> None:
    """Raise ContractError unless this address may be listened on.

    Loopback always may. Anything else needs sign-in, or a proxy and an address that the internet
    does not reach.
    """
    if is_loopback(host) or signed_in or (behind_proxy and is_private(host)):
        return
    raise ContractError(
        f"Listening on {host} would let in everyone who can reach this machine.",
        hint=(
            "Configure [auth] in .streamlit/secrets.toml, or add --i-am-behind-a-proxy with a "
            "private address; docs/deploy.md has both, step by step."
        ),
    )


def has_sign_in(root: Path) -> bool:
    """Return whether Streamlit's secrets configure sign-in, in the app's folder or at home."""
    return any(_has_auth(folder / ".streamlit" / "secrets.toml") for folder in (root, Path.home()))


def command(host: str, port: int) -> list[str]:
    """Return the command that serves the app."""
    return [
        sys.executable,
        *("-m", "streamlit", "run", str(ROOT / "app.py")),
        *("--server.address", host, "--server.port", str(port)),
    ]


def start(words: list[str]) -> None:
    """Become the server, in the app's folder so that its settings apply."""
    os.chdir(ROOT)
    os.execv(words[0], words)  # noqa: S606 - our own interpreter, no shell


def _has_auth(path: Path) -> bool:
    try:
        auth = tomllib.loads(path.read_text(encoding="utf-8")).get("auth")
    except (OSError, ValueError):
        return False
    return not lacking(auth)
