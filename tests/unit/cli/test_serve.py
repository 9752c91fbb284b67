"""The app is open to this machine alone until sign-in is arranged."""

import sys

import pytest

from experimentos.cli import serve
from experimentos.cli.status import Exit
from experimentos.errors import ContractError


@pytest.fixture
def started(monkeypatch):
    """Record what would be started; nothing signs anybody in."""
    commands = []
    monkeypatch.setattr(serve, "start", commands.append)
    monkeypatch.setattr(serve, "has_sign_in", lambda _: False)
    # Set and removed, so that what `serve` sets is put back after the test.
    for name in ("EXPERIMENTOS_HOME", "EXPERIMENTOS_USER_HEADER", "EXPERIMENTOS_PUBLIC"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    return commands


def test_it_listens_on_this_machine_unless_told_otherwise(call, started):
    assert call("serve")[0] == Exit.DONE
    [words] = started
    assert words[:4] == [sys.executable, "-m", "streamlit", "run"]
    assert words[4].endswith("app.py")
    assert words[5:] == ["--server.address", "localhost", "--server.port", "8501"]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "203.0.113.5", "example.org"])
def test_an_open_address_without_sign_in_is_refused(call, started, host):
    status, _, err = call("serve", "--host", host)
    assert status == Exit.USAGE
    assert "[auth]" in err
    assert not started


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "8.8.8.8", "example.org"])
def test_a_proxy_does_not_excuse_an_address_that_the_internet_reaches(call, started, host):
    assert call("serve", "--host", host, "--i-am-behind-a-proxy")[0] == Exit.USAGE
    assert not started


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "10.1.2.3", "192.168.1.4"])
def test_behind_a_proxy_a_private_address_will_do(call, started, host):
    assert call("serve", "--host", host, "--i-am-behind-a-proxy")[0] == Exit.DONE
    assert started[0][6] == host
    assert serve.os.environ["EXPERIMENTOS_USER_HEADER"] == "X-Forwarded-User"


def test_the_proxy_may_name_the_person_in_another_header(call, started):
    call("serve", "--i-am-behind-a-proxy", "--user-header", "X-Auth-Email")
    assert serve.os.environ["EXPERIMENTOS_USER_HEADER"] == "X-Auth-Email"
    assert started


@pytest.mark.usefixtures("started")
def test_without_a_proxy_no_header_is_believed(call):
    call("serve")
    assert "EXPERIMENTOS_USER_HEADER" not in serve.os.environ


def test_a_public_demonstration_is_served_anywhere(call, started, monkeypatch):
    monkeypatch.setenv("EXPERIMENTOS_PUBLIC", "1")
    assert call("serve", "--host", "0.0.0.0")[0] == Exit.DONE
    assert started


def test_sign_in_opens_any_address():
    serve.allow("0.0.0.0", signed_in=True, behind_proxy=False)
    with pytest.raises(ContractError):
        serve.allow("0.0.0.0", signed_in=False, behind_proxy=False)


@pytest.mark.parametrize(
    ("secrets", "enough"),
    [
        ('[auth]\nredirect_uri = "https://x/oauth2callback"\ncookie_secret = "s"', True),
        ('[auth]\nredirect_uri = "https://x/oauth2callback"\ncookie_secret = ""', False),
        ("[auth]", False),
        ("auth = true", False),
        ("not toml", False),
        (None, False),
    ],
)
def test_sign_in_counts_only_when_it_is_configured(tmp_path, monkeypatch, secrets, enough):
    monkeypatch.setattr(serve.Path, "home", lambda: tmp_path / "home")
    if secrets is not None:
        (tmp_path / ".streamlit").mkdir()
        (tmp_path / ".streamlit" / "secrets.toml").write_text(secrets)
    assert serve.has_sign_in(tmp_path) is enough


def test_the_workspace_stays_where_the_caller_is(call, started, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EXPERIMENTOS_HOME", "here")
    call("serve")
    assert serve.os.environ["EXPERIMENTOS_HOME"] == str(tmp_path / "here")
    assert started


def test_an_installed_package_without_the_pages_says_where_they_are(
    call, started, monkeypatch, tmp_path
):
    monkeypatch.setattr(serve, "ROOT", tmp_path)
    status, _, err = call("serve")
    assert status == Exit.USAGE
    assert "copy of the repository" in err
    assert not started
