"""The command ``queueapp``."""

import datetime as dt
import os
import sys
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource
from flask_babel import force_locale
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from queueapp import backup as copies
from queueapp import configuration as configurations
from queueapp import create_app, migrate, operations, screens, serve, tokens, write
from queueapp.config import BadSetting, Settings, from_environment
from queueapp.core.ticket import Refusal
from queueapp.models import db
from queueapp.municipality import ConfigurationError, Municipality, Unknown, dump, load
from queueapp.simulate.policies import POLICIES
from queueapp.statistics import archive, engine
from queueapp.web import accounts, assets, errors


def _in_app(command: Callable[..., None]) -> Callable[..., None]:
    """Run a command inside the application; the rules' refusals are told in English, as all is."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        with create_app(from_environment()).app_context(), force_locale("en"):
            try:
                command(*args, **kwargs)
            except Refusal as refusal:
                raise click.ClickException(errors.sentence(refusal)) from None

    return run


@click.group()
def cli() -> None:
    """Kölapp: queue and ticketing for a municipality's service centre."""


@cli.command()
@_in_app
def init() -> None:
    """Make or upgrade the database; where it is empty, put the configuration in."""
    settings = _settings()
    municipality = load(settings.municipality_file)
    migrate.to_head()
    try:
        configurations.current()
        click.echo("The database is up to date.")
    except configurations.NotInitialised:
        _install(municipality)
        click.echo(f"The database holds the configuration of {municipality.name.get('sv')[0]}.")


@cli.command()
def run() -> None:
    """Serve on QUEUEAPP_HOST:QUEUEAPP_PORT, and print the addresses to open."""
    settings = from_environment()
    with create_app(settings).app_context():
        assets.manifest()
        with db.engine.connect() as connection:
            if not migrate.is_current(connection):
                raise configurations.NotInitialised
        _print_addresses(settings, configurations.current())
        db.engine.dispose()
    sys.stdout.flush()
    # A fresh interpreter: gevent must be in place before anything else is imported.
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", *serve.arguments(settings)])  # noqa: S606


def _print_addresses(settings: Settings, municipality: Municipality) -> None:
    base = settings.address
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"\n[bold]Kölapp[/bold] · {municipality.name.get('sv')[0]} · {base}")
    if settings.trial:
        console.print("Trial: the offices count as open at any hour (QUEUEAPP_TRIAL=0 ends that).")
    now = time.time()
    with write.transaction() as connection:
        for office in municipality.offices:
            at = office.code
            kiosk = _device_key(connection, settings, "kiosk", f"kiosk-{at}", at, now)
            console.print(f"\n[bold]{office.name}[/bold]")
            console.print(f"  kiosk       {base}/kiosk/{at}{kiosk}")
            console.print(f"  display     {base}/display/{at}")
            for room in municipality.video_rooms(at):
                key = _device_key(connection, settings, "room", room, at, now)
                console.print(f"  video room  {base}/room/{room}{key}")
            console.print(f"  counter     {base}/counter/{at}")
            console.print(f"  statistics  {base}/statistics?office={at}")
        if not settings.trial:
            console.print("\nConnect a kiosk: queueapp device add kiosk OFFICE")
            console.print("Connect a video room's screen: queueapp device add room ROOM")
        for name in accounts.administrators_without_password(connection, municipality):
            console.print(f"\nFirst sign-in, for [bold]{name}[/bold] (once, within seven days):")
            # Outside a trial, standard output is often a log that others read.
            link = f"{base}, after: queueapp user invite {name}"
            if settings.trial:
                link = accounts.invitation_link(connection, settings, name, now)
            console.print(f"  {link}")
    console.print("")


def _device_key(
    connection: Connection, settings: Settings, kind: str, name: str, office: str, now: float
) -> str:
    """In a trial, what makes an address connect its device: the newest token, or a first one."""
    if not settings.trial:
        return ""
    token = tokens.valid(connection, kind, name, now)
    return f"#token={token or tokens.issue(connection, kind, name, now, office=office)}"


@cli.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@_in_app
def import_(file: Path) -> None:
    """Make FILE (YAML) the municipality's configuration."""
    click.echo(f"Configuration version {_install(load(file))} is in use.")


@cli.command()
@_in_app
def export() -> None:
    """Print the configuration as YAML."""
    click.echo(dump(configurations.current()), nl=False)


def _install(municipality: Municipality) -> int:
    with write.transaction() as connection:
        return configurations.install(connection, municipality, time.time())


@cli.command()
@click.argument("name")
@click.option("--revoke", is_flag=True, help="Make every token of NAME invalid instead.")
@_in_app
def token(name: str, revoke: bool) -> None:
    """Print a new token for the staff member NAME, for use by a program."""
    configurations.current().staff_member(name)
    with write.transaction() as connection:
        if revoke:
            number = tokens.revoke(connection, name, time.time(), "staff")
            click.echo(f"{number} tokens of {name} are no longer valid.")
        else:
            click.echo(tokens.issue(connection, "staff", name, time.time()))


@cli.group()
def user() -> None:
    """Staff members' sign-in."""


@user.command("invite")
@click.argument("name")
@_in_app
def invite(name: str) -> None:
    """Print a one-time link with which NAME chooses a password (valid for seven days)."""
    configurations.current().staff_member(name)
    with write.transaction() as connection:
        click.echo(accounts.invitation_link(connection, _settings(), name, time.time()))


@user.command("password")
@click.argument("name")
@click.password_option(help="Asked for where it is not given.")
@_in_app
def password(name: str, password: str) -> None:
    """Set the password of NAME; it ends their other sessions."""
    configurations.current().staff_member(name)
    with write.transaction() as connection:
        accounts.set_password(connection, name, password)
    click.echo(f"{name} has a new password.")


@user.command("list")
@_in_app
def users() -> None:
    """List the staff: role, languages, and whether they can sign in."""
    table = Table("name", "role", "languages", "can sign in")
    with db.engine.connect() as connection:
        able = accounts.with_password(connection)
    for member in configurations.current().staff:
        can = "yes" if member.name in able else "no"
        table.add_row(member.name, member.role, ", ".join(member.languages), can)
    Console().print(table)


@cli.group()
def device() -> None:
    """Kiosks, displays and the screens of video rooms."""


@device.command("add")
@click.argument("kind", type=click.Choice(tokens.DEVICES))
@click.argument("place")
@click.option("--name", help="What to call it; KIND and PLACE where left out.")
@_in_app
def add_device(kind: str, place: str, name: str | None) -> None:
    """Connect a KIND at PLACE: prints the address to open on it, with its token.

    PLACE is an office, or for a room its code (varby-video-1).
    """
    municipality = configurations.current()
    if kind == "room":
        # A room's screen shows its meetings to whoever holds its token, and is known by its room.
        office, name = municipality.office_of_room(place).code, place
    else:
        office, name = municipality.office(place).code, name or f"{kind}-{place}"
    with write.transaction() as connection:
        made = tokens.issue(connection, kind, name, time.time(), office=office)
    click.echo(f"{_settings().address}/{kind}/{place}#token={made}")


@device.command("revoke")
@click.argument("name")
@_in_app
def revoke_device(name: str) -> None:
    """Disconnect the device NAME."""
    with write.transaction() as connection:
        number = sum(tokens.revoke(connection, name, time.time(), kind) for kind in tokens.DEVICES)
    if not number:
        raise click.ClickException(f"there is no connected device {name}")
    click.echo(f"{name} is disconnected.")


@device.command("list")
@_in_app
def devices() -> None:
    """List the connected devices."""
    table = Table("name", "kind", "office")
    with db.engine.connect() as connection:
        for row in tokens.devices(connection):
            table.add_row(row.name, row.kind, row.office)
    Console().print(table)


@cli.command("close-day")
@click.argument("office")
@_in_app
def close_day(office: str) -> None:
    """End the day at OFFICE: whoever is left is recorded as having left at closing."""
    click.echo(f"{operations.close_day(office, time.time())} visits were ended.")


@cli.group()
def figures() -> None:
    """The archive that the figures are read from; it is made from the log alone."""


@figures.command()
@_in_app
def feed() -> None:
    """Bring the archive up to yesterday. The running service does so by itself."""
    _archive(archive.feed)


@figures.command()
@_in_app
def rebuild() -> None:
    """Make the whole archive anew from the log; until it is done, the old one counts."""
    _archive(archive.rebuild)


def _archive(make: Callable[..., archive.Manifest]) -> None:
    console = Console(stderr=True)
    with (
        Progress(console=console, transient=True, disable=not console.is_terminal) as progress,
        screens.reading(time.time()) as now,
    ):
        task = progress.add_task("months")
        made = make(
            engine.folder(),
            now.connection,
            now.municipality,
            now.at,
            lambda done, months: progress.update(task, completed=done, total=months),
        )
    click.echo(f"{len(made.months)} months are in the archive, up to event {made.seq}.")


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@_in_app
def backup(file: Path) -> None:
    """Write everything to FILE (gzip), at one moment, while the service runs."""
    rows = copies.write_file(file)
    click.echo(f"{rows} rows are in {file}.")


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@_in_app
def restore(file: Path) -> None:
    """Read FILE into an empty database; it may be of the other kind."""
    migrate.to_head()
    rows = copies.read_file(file)
    click.echo(f"{rows} rows were restored from {file}.")


@cli.command()
@click.option(
    "--speed", default=60.0, show_default=True, help="How many times faster than a real day."
)
@click.option(
    "--hours", default=8.0, show_default=True, help="How long a day to play, in its own hours."
)
@click.option(
    "--seed", default=1, show_default=True, help="The same seed invents the same visitors."
)
@click.option(
    "--years",
    type=click.IntRange(1, 10),
    help="Write so many years of visits into the log instead, up to yesterday.",
)
@click.option("--jobs", type=click.IntRange(1, 64), help="For --years: in how many processes.")
@click.pass_context
@_in_app
def demo(
    context: click.Context,
    speed: float,
    hours: float,
    seed: int,
    years: int | None,
    jobs: int | None,
) -> None:
    """Play a day of invented visitors and staff against the running service.

    With --years, write whole years of such days into the log, in a minute or two, for the
    statistics to be looked at. The service may run meanwhile, or not. A log that holds a real
    visit is refused.

    Everything is marked as invented, in the log and on every page, for good.
    """
    municipality = configurations.current()
    if years is None:
        _refuse(context, "jobs", "--jobs is for --years")
        from queueapp.demo import day  # noqa: PLC0415

        day.play_day(_settings().address, municipality, speed=speed, hours=hours, seed=seed)
    else:
        _refuse(context, "speed", "--speed is for a day, not for --years")
        _refuse(context, "hours", "--hours is for a day, not for --years")
        from queueapp.demo import years as past  # noqa: PLC0415

        past.write_years(municipality, years, seed=seed, jobs=jobs or os.cpu_count() or 1)


def _refuse(context: click.Context, option: str, why: str) -> None:
    """Refuse an option that was given where it means nothing, rather than pass over it."""
    if context.get_parameter_source(option) is ParameterSource.COMMANDLINE:
        raise click.UsageError(why)


def _span(
    context: click.Context, option: click.Parameter, text: str | None
) -> tuple[dt.date, dt.date] | None:
    """FROM..TO, or one day."""
    del context, option
    if text is None:
        return None
    first, _, last = text.partition("..")
    try:
        span = dt.date.fromisoformat(first), dt.date.fromisoformat(last or first)
    except ValueError:
        raise click.BadParameter("must be two dates, as 2026-11-02..2026-11-27") from None
    if span[0] > span[1]:
        raise click.BadParameter("ends before it begins")
    return span


@cli.command()
@click.option("--days", type=click.IntRange(1, 1000), help="How many; 20, or those of a file.")
@click.option("--first", type=click.DateTime(["%Y-%m-%d"]), help="The first date to simulate.")
@click.option("--seed", default=1, show_default=True, help="The same seed, the same days.")
@click.option(
    "--policy",
    type=click.Choice(list(POLICIES)),
    default="ours",
    show_default=True,
    help="The rule that calls.",
)
@click.option("--per-day", type=click.IntRange(1, 5000), help="Invent so many visitors a day.")
@click.option("--arrivals", type=click.Path(path_type=Path), help="Visitors from a file (CSV).")
@click.option("--log", callback=_span, metavar="FROM..TO", help="Visitors of days in the log.")
@click.option("--events", type=click.Path(path_type=Path), help="Write the events here, as JSONL.")
@click.option("--staff-ill", "ill", multiple=True, metavar="NAME", help="NAME does not work.")
@click.option(
    "--jobs", type=click.IntRange(1, 64), help="In how many processes; one per processor."
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@_in_app
def simulate(first: dt.datetime | None, jobs: int | None, **options: Any) -> None:
    """Simulate days of the municipality through the rule that runs live.

    Visitors are invented, or taken from a file or from the log; what they meet is invented in
    any case, and nothing is written to the database. docs/operations.md tells more.
    """
    from queueapp.simulate import command  # noqa: PLC0415

    asked = command.Asked(first=first and first.date(), jobs=jobs or os.cpu_count() or 1, **options)
    command.simulate(configurations.current(), asked)


@cli.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--saved", metavar="TOKEN", help="Play a plan that was asked for on the page.")
@click.option("--save", is_flag=True, help="Put FILE among the plans on the page instead.")
@click.option(
    "--jobs", type=click.IntRange(1, 64), help="In how many processes; one per processor."
)
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@_in_app
def plan(file: Path | None, saved: str | None, save: bool, jobs: int | None, as_json: bool) -> None:
    """Play the scenario in FILE (YAML or JSON): today's world and a changed one, side by side.

    Nothing is written to the database, unless asked for. docs/operations.md tells more.
    """
    from queueapp.planner import command, worker  # noqa: PLC0415

    if (file is None) == (saved is None):
        raise click.UsageError("name either a FILE or --saved TOKEN")
    if saved is not None:
        click.echo(f"The plan {worker.play_saved(saved)}.")
    elif file is not None:
        command.run(file, save=save, jobs=jobs or os.cpu_count() or 1, as_json=as_json)


def _settings() -> Settings:
    return from_environment()


def main() -> None:
    """Run the command; what a person did wrong is one clear line, not a traceback."""
    try:
        cli()
    except ConfigurationError as error:
        _fail("\n".join(error.messages))
    except (BadSetting, configurations.NotInitialised, assets.NotBuilt, copies.BadBackup) as error:
        _fail(str(error))
    except Unknown as error:
        _fail(str(error))
    except DBAPIError as error:
        _fail(f"the database cannot be used: {error.orig}\nWhere it is new, run: queueapp init")


def _fail(message: str) -> None:
    click.echo(f"queueapp: {message}", err=True)
    sys.exit(1)


if __name__ == "__main__":
    main()
