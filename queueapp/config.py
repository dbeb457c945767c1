"""The settings, read from the environment and refused by name when they make no sense."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

HUDDINGE = Path(__file__).parent / "municipalities" / "huddinge.yaml"


class BadSetting(Exception):
    """A setting has a value that cannot be used. The message names the setting."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that differs between one installation and another."""

    database_url: str
    redis_url: str | None
    secret_key: str
    var: Path
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = ""
    trial: bool = False
    open_data: bool = False
    trusted_proxies: int = 0
    municipality_file: Path = HUDDINGE

    @property
    def embedded(self) -> bool:
        """Whether this is the one-process default on SQLite."""
        return self.database_url.startswith("sqlite")

    @property
    def address(self) -> str:
        """Where people reach the service."""
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104
        return self.public_url or f"http://{host}:{self.port}"


def from_environment(environ: dict[str, str] | None = None) -> Settings:
    """The settings of ``QUEUEAPP_…``; raises :class:`BadSetting`."""
    env = {k: v for k, v in (os.environ if environ is None else environ).items() if v != ""}
    var = Path(env.get("QUEUEAPP_VAR", "var")).absolute()
    database_url = _database_url(env, var)
    _make_var(var)
    return Settings(
        database_url=database_url,
        redis_url=_redis_url(env),
        secret_key=_secret_key(env, var),
        var=var,
        host=env.get("QUEUEAPP_HOST", "127.0.0.1"),
        port=_number(env, "QUEUEAPP_PORT", 8000, 1, 65535),
        public_url=_public_url(env),
        trial=_truth(env, "QUEUEAPP_TRIAL"),
        open_data=_truth(env, "QUEUEAPP_OPEN_DATA"),
        trusted_proxies=_number(env, "QUEUEAPP_TRUSTED_PROXIES", 0, 0, 9),
        municipality_file=Path(env.get("QUEUEAPP_MUNICIPALITY", HUDDINGE)),
    )


def _database_url(env: dict[str, str], var: Path) -> str:
    text = env.get("QUEUEAPP_DATABASE_URL", f"sqlite:///{var / 'queueapp.sqlite3'}")
    try:
        url = make_url(text)
    except ArgumentError:
        raise BadSetting(
            "QUEUEAPP_DATABASE_URL is no SQLAlchemy URL "
            "(for example postgresql+psycopg://queueapp@db/queueapp)"
        ) from None
    if url.drivername in {"postgresql", "postgres"}:
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername not in {"sqlite", "postgresql+psycopg"}:
        raise BadSetting(
            f"QUEUEAPP_DATABASE_URL: {url.drivername} is neither sqlite nor postgresql"
        )
    if url.drivername == "sqlite" and url.database in {None, "", ":memory:"}:
        raise BadSetting("QUEUEAPP_DATABASE_URL: SQLite needs a file, or nothing would be kept")
    if file := env.get("QUEUEAPP_DATABASE_PASSWORD_FILE"):
        url = url.set(password=_read_secret("QUEUEAPP_DATABASE_PASSWORD_FILE", Path(file)))
    return url.render_as_string(hide_password=False)


def _redis_url(env: dict[str, str]) -> str | None:
    url = env.get("QUEUEAPP_REDIS_URL")
    if url and not url.startswith(("redis://", "rediss://", "unix://")):
        raise BadSetting("QUEUEAPP_REDIS_URL must begin with redis://, rediss:// or unix://")
    return url


def _public_url(env: dict[str, str]) -> str:
    url = env.get("QUEUEAPP_PUBLIC_URL", "").rstrip("/")
    if url and not url.startswith(("http://", "https://")):
        raise BadSetting("QUEUEAPP_PUBLIC_URL must begin with http:// or https://")
    return url


def _number(env: dict[str, str], name: str, default: int, low: int, high: int) -> int:
    text = env.get(name, str(default))
    if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
        raise BadSetting(f"{name} is {text!r}: it must be a whole number from {low} to {high}")
    return int(text)


def _truth(env: dict[str, str], name: str) -> bool:
    text = env.get(name, "0").lower()
    if text not in {"0", "1", "true", "false", "yes", "no"}:
        raise BadSetting(f"{name} is {text!r}: it must be 1 or 0")
    return text in {"1", "true", "yes"}


def _make_var(var: Path) -> None:
    try:
        var.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BadSetting(f"QUEUEAPP_VAR: cannot make {var}: {error.strerror}") from None


def _secret_key(env: dict[str, str], var: Path) -> str:
    """The key that signs sessions and tokens: given, or made once and kept in ``var``."""
    if file := env.get("QUEUEAPP_SECRET_KEY_FILE"):
        return _long_enough(
            "QUEUEAPP_SECRET_KEY_FILE", _read_secret("QUEUEAPP_SECRET_KEY_FILE", Path(file))
        )
    if key := env.get("QUEUEAPP_SECRET_KEY"):
        return _long_enough("QUEUEAPP_SECRET_KEY", key)
    path = var / "secret-key"
    try:
        # Written beside and linked into place: two processes starting at once agree on one key.
        own = var / f"secret-key.{secrets.token_hex(8)}"
        own.touch(mode=0o600)
        own.write_text(secrets.token_urlsafe(48))
        try:
            path.hardlink_to(own)
        except FileExistsError:
            pass
        finally:
            own.unlink()
    except OSError as error:
        raise BadSetting(f"QUEUEAPP_VAR: cannot keep a secret key in {var}: {error}") from None
    return _long_enough(str(path), _read_secret(str(path), path))


def _read_secret(name: str, path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError as error:
        raise BadSetting(f"{name}: cannot read {path}: {error.strerror}") from None


def _long_enough(name: str, key: str) -> str:
    if len(key) < 32:
        raise BadSetting(f"{name}: the secret key must have at least 32 characters")
    return key
