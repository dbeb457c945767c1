"""docker-compose.yml: a valid file without secrets, and processes that work when started by hand.

No container engine is needed: the file is held against the Compose specification's own schema,
and the web processes and the proxy are then started with the very commands, settings and
configuration that stand in it. Only addresses and file names are this machine's.
"""

from __future__ import annotations

import json
import re
import subprocess
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
import socketio
from ruamel.yaml import YAML
from sqlalchemy.engine import make_url

from tests.servers import (
    LOCALHOST,
    PostgresServer,
    RedisServer,
    WebProcess,
    free_port,
    start_nginx,
    wait_until,
)

ROOT = Path(__file__).parent.parent
COMPOSE: dict[str, Any] = YAML(typ="safe").load(ROOT / "docker-compose.yml")
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
LONG_RUNNING = [name for name, service in SERVICES.items() if service.get("restart") != "no"]
WEB = ["web1", "web2"]
WEB_COMMAND = ["queueapp", "run"]
# ${NAME}, ${NAME:-default} or ${NAME:?what to do}
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


def filled_in(text: str, given: Mapping[str, str]) -> str:
    """What Compose makes of the variables in a value."""

    def value(found: re.Match[str]) -> str:
        name, kind, rest = found.groups()
        if given.get(name):
            return given[name]
        if kind == "?":
            raise LookupError(rest)
        return rest or ""

    return VARIABLE.sub(value, text)


@pytest.fixture(scope="module")
def schema() -> Any:
    """The specification's own schema, which the package check-jsonschema carries."""
    carried = files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    return json.loads(carried.read_text())


class TestTheFile:
    def test_is_valid_by_the_compose_specification(self, schema: Any) -> None:
        jsonschema.validate(COMPOSE, schema)

    @pytest.mark.parametrize("service", SERVICES)
    def test_would_not_be_valid_with_a_word_misspelt(self, schema: Any, service: str) -> None:
        wrong = {**COMPOSE, "services": {**SERVICES, service: {"imagge": "x"}}}
        with pytest.raises(jsonschema.ValidationError, match="imagge"):
            jsonschema.validate(wrong, schema)

    @pytest.mark.parametrize("name", LONG_RUNNING)
    def test_every_long_running_service_tells_its_health_and_comes_back(self, name: str) -> None:
        service = SERVICES[name]
        assert service["healthcheck"]["test"][0] == "CMD"
        assert service["restart"] == "unless-stopped"

    def test_the_web_processes_are_alike(self) -> None:
        assert SERVICES["web1"] == SERVICES["web2"]
        assert set(WEB) == {n for n, s in SERVICES.items() if s.get("command") == WEB_COMMAND}

    def test_the_database_is_ready_and_migrated_before_a_web_process_starts(self) -> None:
        for name in WEB:
            conditions = {k: v["condition"] for k, v in SERVICES[name]["depends_on"].items()}
            assert conditions["database"] == "service_healthy"
            assert conditions["migrate"] == "service_completed_successfully"

    def test_kolapp_starts_without_redis(self) -> None:
        for name in WEB:
            assert SERVICES[name]["depends_on"]["redis"]["condition"] == "service_started"

    def test_every_volume_is_declared_and_used(self) -> None:
        mounts = [mount for service in SERVICES.values() for mount in service.get("volumes", [])]
        named = {mount.split(":")[0] for mount in mounts if not mount.startswith(".")}
        assert named == set(COMPOSE["volumes"])
        assert "database:/var/lib/postgresql/data" in SERVICES["database"]["volumes"]

    def test_only_the_proxy_can_be_reached_from_outside(self) -> None:
        assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
        assert COMPOSE["networks"]["back"]["internal"] is True
        assert SERVICES["database"]["networks"] == SERVICES["redis"]["networks"] == ["back"]


class TestSecrets:
    def test_every_setting_that_is_secret_is_the_name_of_a_file(self) -> None:
        for service in SERVICES.values():
            for name, value in service.get("environment", {}).items():
                if re.search("PASSWORD|SECRET|KEY|TOKEN", name):
                    assert name.endswith("_FILE"), name
                    assert value.removeprefix("/run/secrets/") in service["secrets"], name

    def test_no_address_has_a_password_in_it(self) -> None:
        for service in SERVICES.values():
            for value in service.get("environment", {}).values():
                assert not re.search(r"://[^/@]*:[^/@]*@", str(value))

    def test_each_comes_from_a_file_that_git_does_not_take(self, tmp_path: Path) -> None:
        for name, secret in COMPOSE["secrets"].items():
            path = filled_in(secret["file"], {})
            assert Path(path).name == name
            assert ignored_by(ROOT / "deploy" / ".gitignore", path)

    def test_make_secrets_makes_those_that_are_asked_for_and_keeps_them(
        self, tmp_path: Path
    ) -> None:
        folder = tmp_path / "secrets"
        make = [ROOT / "deploy" / "make-secrets", folder]
        subprocess.run(make, check=True, capture_output=True)
        made = {path.name: path.read_text() for path in folder.iterdir()}
        assert set(made) == set(COMPOSE["secrets"])
        assert all(len(secret) >= 48 for secret in made.values())
        assert folder.stat().st_mode & 0o077 == 0
        subprocess.run(make, check=True, capture_output=True)
        assert {path.name: path.read_text() for path in folder.iterdir()} == made

    def test_the_example_of_settings_has_every_variable_and_no_secret(self) -> None:
        example = (ROOT / "deploy" / ".env.example").read_text()
        text = (ROOT / "docker-compose.yml").read_text()
        asked = {found[1] for found in VARIABLE.finditer(text)}
        told = set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE))
        assert asked == told
        assert not re.search("PASSWORD|KEY|TOKEN", "".join(told))

    def test_what_must_be_set_is_asked_for_in_words(self) -> None:
        url = SERVICES["web1"]["environment"]["QUEUEAPP_PUBLIC_URL"]
        with pytest.raises(LookupError, match="the address visitors use"):
            filled_in(url, {})


DOCKERFILE = (ROOT / "Dockerfile").read_text()


class TestTheImage:
    def test_does_not_run_as_root(self) -> None:
        user = re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE)[-1]
        assert int(user.split(":")[0]) >= 1000

    def test_is_the_second_stage_and_has_the_settings_of_the_file(self) -> None:
        last = DOCKERFILE.split("\nFROM ")[-1]
        for name in ("QUEUEAPP_HOST", "QUEUEAPP_PORT", "QUEUEAPP_VAR"):
            value = SERVICES["web1"]["environment"][name]
            assert f"{name}={value}" in last
        assert re.findall(r'^CMD \["(.+)", "(.+)"\]', last, re.MULTILINE) == [tuple(WEB_COMMAND)]

    def test_never_contains_what_is_secret_or_kept(self) -> None:
        ignored = (ROOT / ".dockerignore").read_text().split()
        assert {".env", "deploy/secrets", "var", ".git"} <= set(ignored)


HANDBOOK = (ROOT / "docs" / "operations.md").read_text()
SETTINGS = set(re.findall(r"QUEUEAPP_[A-Z_]+", (ROOT / "queueapp" / "config.py").read_text()))


class TestTheHandbook:
    def test_names_every_setting(self) -> None:
        missing = {name for name in SETTINGS if f"`{name}`" not in HANDBOOK}
        assert not missing

    def test_names_every_target_of_make(self) -> None:
        targets = re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
        missing = {target for target in targets if f"`make {target}`" not in HANDBOOK}
        assert not missing

    @pytest.mark.parametrize("service", [*WEB, "migrate"])
    def test_the_file_sets_nothing_that_kolapp_does_not_know(self, service: str) -> None:
        assert set(SERVICES[service]["environment"]) <= SETTINGS


def ignored_by(gitignore: Path, path: str) -> bool:
    relative = Path(path).relative_to(gitignore.parent.name)
    return f"{relative.parts[0]}/" in gitignore.read_text().split()


# --- The same processes, started by hand ----------------------------------------------------


@dataclass
class Installation:
    """What `docker compose up` starts, on this machine."""

    web1: WebProcess
    web2: WebProcess
    proxy: str
    folder: Path

    def as_anna(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.web1.cli('token', 'anna').split()[-1]}"}


@pytest.fixture(scope="module")
def installation(
    postgres: PostgresServer,
    redis_server: RedisServer,
    nginx_path: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("installation")
    proxy_port = free_port()
    proxy = f"http://{LOCALHOST}:{proxy_port}"
    database = postgres.create_database()
    redis_server.start()
    settings = by_hand(SERVICES["web1"]["environment"], folder, public_url=proxy)
    # The password stays out of the address here too, so that reading it from its file is tried.
    address = make_url(postgres.url(database))
    (folder / "secrets" / "database_password").write_text(f"{address.password}\n")
    settings["QUEUEAPP_DATABASE_URL"] = address.set(password=None).render_as_string()
    settings["QUEUEAPP_REDIS_URL"] = redis_server.url
    with ExitStack() as stack:
        stack.callback(postgres.drop_database, database)
        web1, web2 = (
            stack.enter_context(closing(WebProcess(settings, command=SERVICES[name]["command"])))
            for name in WEB
        )
        web1.cli(*SERVICES["migrate"]["command"][1:])
        nginx = start_nginx(nginx_path, proxy_port, {"web1": web1, "web2": web2}, folder)
        stack.callback(nginx.stop)
        for web in (web1, web2):
            web.spawn()
        for web in (web1, web2):
            web.wait_ready()
        nginx.wait_ready(lambda: answers(f"{proxy}/proxy-alive"), "nginx")
        yield Installation(web1, web2, proxy, folder)


def by_hand(environment: Mapping[str, str], folder: Path, public_url: str) -> dict[str, str]:
    """The settings in the file, with this machine's folders and ports in place of its own."""
    run_secrets = folder / "secrets"
    subprocess.run([ROOT / "deploy" / "make-secrets", run_secrets], check=True, capture_output=True)
    (run_secrets / "database_password").unlink()
    given = {"QUEUEAPP_PUBLIC_URL": public_url}
    settings = {
        name: filled_in(str(value), given).replace("/run/secrets", str(run_secrets))
        for name, value in environment.items()
    }
    settings["QUEUEAPP_HOST"] = LOCALHOST
    settings["QUEUEAPP_VAR"] = str(folder / "var")
    del settings["QUEUEAPP_PORT"]
    return settings


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).is_success
    except httpx.HTTPError:
        return False


def an_order(base: str) -> dict[str, object]:
    services = httpx.get(f"{base}/api/v1/offices/skogas/services").json()["services"]
    service = services[0]["code"]
    return {"request_key": str(uuid.uuid4()), "service": service, "languages": ["sv"]}


class TestStartedByHand:
    def test_one_service_with_two_processes(self, installation: Installation) -> None:
        """Issued at one, seen at the other, through the proxy, and on a screen at once."""
        web1, web2, proxy = installation.web1.url, installation.web2.url, installation.proxy
        anna = installation.as_anna()
        for base in (web1, web2, proxy):
            assert httpx.get(f"{base}/readyz").status_code == 200
        order = an_order(web1)

        screen = socketio.SimpleClient()
        screen.connect(proxy, namespace="/live", transports=["websocket"])
        screen.emit("watch", {"office": "skogas"})
        name, before = screen.receive(timeout=10)
        assert name == "snapshot"

        issued = httpx.post(f"{web1}/api/v1/offices/skogas/tickets", json=order, headers=anna)
        assert issued.status_code == 201, issued.text
        ticket = issued.json()
        for base in (web2, proxy):
            seen = httpx.get(f"{base}/api/v1/tickets/{ticket['token']}").json()
            assert seen["number"] == ticket["number"]
        assert ticket["url"].startswith(f"{proxy}/")

        name, event = screen.receive(timeout=10)
        assert (name, event["type"]) == ("event", "ticket-issued")
        assert event["waiting"] == before["waiting"] + 1
        screen.disconnect()

        again = httpx.post(f"{web2}/api/v1/offices/skogas/tickets", json=order, headers=anna)
        assert (again.status_code, again.json()["id"]) == (200, ticket["id"])

    def test_goes_on_when_one_process_is_killed(self, installation: Installation) -> None:
        installation.web1.kill9()
        for _ in range(10):
            assert httpx.get(f"{installation.proxy}/api/v1/offices").status_code == 200
        installation.web1.start()

    def test_starting_again_keeps_what_there_was(self, installation: Installation) -> None:
        """`migrate` runs at every start, so it must leave a database in use as it is."""
        ticket = httpx.post(
            f"{installation.web1.url}/api/v1/offices/skogas/tickets",
            json=an_order(installation.web1.url),
            headers=installation.as_anna(),
        ).json()
        installation.web1.cli("init")
        seen = httpx.get(f"{installation.web2.url}/api/v1/tickets/{ticket['token']}")
        assert seen.json()["state"] == "waiting"

    def test_the_proxy_does_not_write_down_a_visitors_key_or_address(
        self, installation: Installation
    ) -> None:
        httpx.get(f"{installation.proxy}/t/a-visitors-key")
        httpx.get(f"{installation.proxy}/api/v1/tickets/a-visitors-key")
        log = installation.folder / "nginx" / "access"
        wait_until(lambda: "GET /api/v1/tickets/- " in log.read_text(), "the proxy's log")
        assert "GET /t/- " in log.read_text()
        assert "a-visitors-key" not in log.read_text()
        assert LOCALHOST + " " not in log.read_text()
