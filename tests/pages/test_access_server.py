"""The gate on a real server, asked over its own socket; all traffic stays on loopback."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server(workspace: Path, **environment: str) -> Iterator[int]:
    """The app as `streamlit run app.py` starts it, on 127.0.0.1; gives its port."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    process = subprocess.Popen(
        [*command, "--server.address", "127.0.0.1"],
        cwd=ROOT,
        env={**os.environ, "EXPERIMENTOS_HOME": str(workspace), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    try:
        if not any("URL:" in line for line in process.stdout):
            raise AssertionError("The server stopped before it listened.")
        yield port
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE_SECONDS)


def shown(port: int, query: str = "", **headers: str) -> str:
    """Open a tab with these headers and return everything that the first run sends it."""

    async def visit() -> str:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        host = named.pop("host", f"127.0.0.1:{port}")
        async with websockets.connect(
            f"ws://{host}/_stcore/stream",
            host="127.0.0.1",
            port=port,
            subprotocols=["streamlit"],
            additional_headers=named,
            max_size=None,
            proxy=None,
        ) as tab:
            await tab.send(BackMsg(rerun_script={"query_string": query}).SerializeToString())
            words: list[str] = []
            while True:
                message = ForwardMsg.FromString(await tab.recv())
                words.append(str(message))
                if message.WhichOneof("type") == "script_finished":
                    return "\n".join(words)

    return asyncio.run(asyncio.wait_for(visit(), PATIENCE_SECONDS))


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    with server(tmp_path_factory.mktemp("home")) as found:
        yield found


def test_a_browser_on_this_machine_is_served(port):
    page = shown(port)
    assert "Saved analyses" in page
    assert "closed to visitors" not in page


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "rebound.example"},
        {"host": "192.168.1.4"},
        {"x_forwarded_for": "203.0.113.5"},
        {"x_forwarded_for": "127.0.0.1"},
        {"forwarded": "for=127.0.0.1"},
        {"x_real_ip": "127.0.0.1"},
    ],
    ids=str,
)
def test_whoever_comes_by_another_name_or_through_somebody_else_is_not(port, headers):
    page = shown(port, **headers)
    assert "closed to visitors" in page
    assert "Saved analyses" not in page


def test_no_query_parameter_opens_the_door(port):
    page = shown(port, "public=1&EXPERIMENTOS_PUBLIC=1&user=admin", host="rebound.example")
    assert "closed to visitors" in page


def test_behind_a_proxy_the_person_must_be_named(tmp_path):
    with server(tmp_path, EXPERIMENTOS_USER_HEADER="X-Forwarded-User") as found:
        assert "front door" in shown(found, host="team.example")
        named = shown(found, host="team.example", x_forwarded_user="bo@example.org")
    assert "Saved analyses" in named


def test_a_public_demonstration_writes_nothing_to_the_disk(tmp_path):
    workspace = tmp_path / "workspace"
    with server(workspace, EXPERIMENTOS_PUBLIC="1") as found:
        page = shown(found, host="demo.example")
    assert "Saved analyses" in page
    assert not workspace.exists()
