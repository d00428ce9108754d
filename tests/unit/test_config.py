"""Settings from a file, the environment and options, and what is wrong with them."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from pod import config
from pod.config import Settings, load
from pod.errors import Misconfigured


def _key(name: str) -> tuple[str, str]:
    group, _, member = name.partition("__")
    return group, member


def mistakes(file: Path | None = None, environment: Mapping[str, str] = {}, **options: object) -> tuple[str, ...]:
    """What is wrong with these; options are named `group__name`."""
    with pytest.raises(Misconfigured) as refused:
        load(file, environment, {_key(name): value for name, value in options.items()})
    return refused.value.mistakes


def written(folder: Path, text: str | bytes) -> Path:
    file = folder / "pod.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def base(url: str) -> str:
    """What a base URL is normalised to."""
    return load(options={("server", "base_url"): url}).base_url


def test_without_any_settings_a_server_runs_here() -> None:
    settings = load()

    assert settings == Settings()
    assert settings.base_url == "http://localhost:3000/"
    assert settings.allow_loopback


def test_the_later_source_wins(tmp_path: Path) -> None:
    file = written(tmp_path, "[server]\nport = 1\nworkers = 2\n[limits]\nbody = 3\n[access]\nstrict_origin = true\n")
    environment = {"POD_SERVER_PORT": "4", "POD_SERVER_WORKERS": "5"}

    settings = load(file, environment, {("server", "port"): 6, ("server", "workers"): None})

    assert (settings.server.port, settings.server.workers, settings.limits.body) == (6, 5, 3)
    assert settings.access.strict_origin


TEXTS = {
    "localhost": "127.0.0.1",
    "": "https://pods.example",
    "pod-data": "elsewhere",
    "sqlite": "memory",
    "open": "closed",
    "everything": "ask",
    "starttls": "tls",
}


def other(name: str, default: object) -> str:
    """A value as a variable has it, that differs from the default."""
    if name == "trusted_proxies":
        return "10.0.0.0/8, 2001:db8::1"
    if isinstance(default, bool):
        return str(not default)
    if isinstance(default, int):
        return str(default + 1 if default != 1 else 1)
    return "TRUE" if default is None else TEXTS[str(default)]


def test_every_setting_can_be_set_by_a_variable() -> None:
    all_settings = list(config.describe())

    settings = load(
        None, {f"POD_{group}_{name}".upper(): other(name, default) for group, name, _, default, _ in all_settings}
    )

    for group, name, _, default, _ in all_settings:
        # Storage in memory allows one worker alone, which is the default.
        assert (getattr(getattr(settings, group), name) != default) is (name != "workers")


def test_every_setting_is_described() -> None:
    for group, name, kind, default, sentence in config.describe():
        assert getattr(getattr(Settings(), group), name) == default
        assert kind in {"int", "str", "bool", "bool | None"}
        assert sentence.endswith(".")


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ("https://pods.example", "https://pods.example/"),
        ("https://pods.example/", "https://pods.example/"),
        ("HTTPS://PODS.example:443", "https://pods.example/"),
        ("http://pods.example:80/", "http://pods.example/"),
        ("http://pods.example:443/", "http://pods.example:443/"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("http://[::1]:3000", "http://[::1]:3000/"),
        ("http://127.0.0.1:3000", "http://127.0.0.1:3000/"),
        ("http://my_host.local", "http://my_host.local/"),
    ],
)
def test_the_base_url_has_one_spelling(given: str, normal: str) -> None:
    assert base(given) == normal


def test_the_base_url_on_port_80_names_no_port() -> None:
    assert load(options={("server", "port"): 80}).base_url == "http://localhost/"


@pytest.mark.parametrize(
    "url",
    [
        "pods.example", "ftp://pods.example/", "https://", "https:///x", "https://pods.example/pods/",
        "https://pods.example/?x", "https://pods.example/#x", "https://me@pods.example/", "https://me:x@pods.example/",
        "https://pods.example:x/", "https://pods.example:99999/", "https://[::1", "https://a b.example/",
        "https://pods.example,https://b.example/", "https://-a.example/", "https://a..example/", "https://<a>/",
        "nonsense",
    ],
)  # fmt: skip
def test_a_base_url_is_scheme_host_and_port(url: str) -> None:
    (mistake,) = mistakes(server__base_url=url)

    assert mistake.startswith("server.base_url: ")


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://localhost:3000/", True),
        ("http://alice.localhost/", True),
        ("http://127.8.9.1/", True),
        ("http://[::1]/", True),
        ("https://pods.example/", False),
        ("https://localhost.example/", False),
        ("https://notlocalhost/", False),
        ("http://10.0.0.1/", False),
        ("nonsense", False),
    ],
)
def test_a_loopback_url_is_told_by_its_name(url: str, loopback: bool) -> None:
    assert config.is_loopback(url) is loopback


@pytest.mark.parametrize(
    ("url", "setting", "allowed"),
    [
        ("http://localhost:3000/", None, True),
        ("https://pods.example/", None, False),
        ("http://localhost:3000/", False, False),
        ("https://pods.example/", True, True),
    ],
)
def test_documents_on_this_machine_may_be_fetched_by_a_server_that_is_only_here(
    url: str, setting: bool | None, allowed: bool
) -> None:
    settings = load(options={("server", "base_url"): url, ("network", "allow_loopback"): setting})

    assert settings.allow_loopback is allowed


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("server__port", 0, "server.port: 0 is no port"),
        ("server__port", 65536, "server.port: 65536 is no port"),
        ("server__port", "http", "server.port: this must be a whole number"),
        ("server__port", 3.5, "server.port: this must be a whole number"),
        ("server__port", True, "server.port: this must be a whole number"),
        ("server__workers", 0, "server.workers: 0 is too small"),
        ("server__shutdown_seconds", 0, "server.shutdown_seconds: 0 is too small"),
        ("server__host", "", "server.host: it must be"),
        ("server__host", 5, "server.host: this must be text"),
        ("storage__kind", "mongodb", "storage.kind: 'mongodb' is unknown"),
        ("storage__data", "", "storage.data: the directory must have a name"),
        ("limits__body", -1, "limits.body: -1 is too small"),
        ("limits__uri", 0, "limits.uri: 0 is too small"),
        ("network__timeout", 0, "network.timeout: 0 is too small"),
        ("network__size", 0, "network.size: 0 is too small"),
        ("network__allow_private", "maybe", "network.allow_private: this must be true or false"),
        ("network__allow_loopback", 1, "network.allow_loopback: this must be true or false"),
        ("access__strict", True, "There is no setting `strict` in the group [access]."),
        ("sever__port", 1, "There is no setting `port` in the group [sever]."),
    ],
)
def test_a_wrong_setting_is_named_with_what_would_be_right(setting: str, value: object, said: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        load(options={_key(setting): value})

    (mistake,) = refused.value.mistakes

    assert mistake.startswith(said)


def test_every_mistake_is_listed_at_once(tmp_path: Path) -> None:
    file = written(tmp_path, 'port = 1\n[server]\nport = "x"\n[nonsense]\na = 1\n')

    found = mistakes(file, {"POD_LIMITS_BODY": "0", "POD_LIMITS_BODDY": "1"}, storage__kind="x")

    assert len(found) == 6
    assert str(Misconfigured(found)) == "\n".join(found)


def test_several_workers_cannot_share_what_is_in_memory() -> None:
    (mistake,) = mistakes(storage__kind="memory", server__workers=2)

    assert "exactly one worker" in mistake


def test_variables_of_others_are_left_alone() -> None:
    assert load(None, {"POD_NAME": "x", "POD_IP": "10.0.0.1", "PODS": "x", "PATH": "/bin"}) == Settings()


def test_a_variable_that_is_nearly_a_setting_is_a_mistake() -> None:
    assert mistakes(None, {"POD_SERVER_PROT": "3"}) == ("The environment variable POD_SERVER_PROT is not a setting.",)


@pytest.mark.parametrize("content", ["server = ", b"\xff", "[server]\nport = 1\nport = 2"])
def test_a_file_that_is_no_toml_is_a_mistake(tmp_path: Path, content: str | bytes) -> None:
    (mistake,) = mistakes(written(tmp_path, content))

    assert "is not TOML" in mistake


def test_a_file_that_cannot_be_read_is_a_mistake(tmp_path: Path) -> None:
    assert "cannot be read" in mistakes(tmp_path / "none.toml")[0]
    assert "cannot be read" in mistakes(tmp_path)[0]


@pytest.mark.parametrize("text", ["proxy.example", "10.0.0.1/8", "10.0.0.1, x", "300.0.0.1"])
def test_a_trusted_proxy_is_an_address_or_a_network(text: str) -> None:
    (mistake,) = mistakes(server__trusted_proxies=text)

    assert mistake.startswith("server.trusted_proxies: ")


def test_trusted_proxies_are_addresses_and_networks() -> None:
    settings = load(options={("server", "trusted_proxies"): "10.0.0.0/8, 192.0.2.1,2001:db8::/32"})

    assert [str(one) for one in settings.trusted_proxies] == ["10.0.0.0/8", "192.0.2.1/32", "2001:db8::/32"]
    assert Settings().trusted_proxies == ()
