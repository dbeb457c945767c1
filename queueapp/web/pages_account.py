"""Signing in and out, and choosing a password by invitation."""

from typing import Any
from urllib.parse import urlsplit

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import login_user, logout_user

from queueapp import write
from queueapp.web import access as accesses
from queueapp.web import accounts
from queueapp.web.access import StaffSession, access
from queueapp.web.limits import public_limit
from queueapp.web.site import in_staff_language, pages

HOME = {"staff": "pages.counters", "manager": "pages.statistics", "admin": "pages.staff"}


@pages.get("/sign-in")
@access("public")
def sign_in() -> Any:
    """The form; whoever is signed in already goes on to their work."""
    if accesses.caller().kind == "staff":
        return redirect(_onwards(accesses.caller().name))
    return render_template("sign_in.html")


@pages.post("/sign-in")
@access("public")
@public_limit("10/minute")
def sign_in_with_password() -> Any:
    """Begin a session where name and password are right."""
    name = request.form.get("name", "").strip().lower()
    generation = accounts.check_password(name, request.form.get("password", ""))
    if generation is None or accesses.staff(name) is None:
        return render_template("sign_in.html", name=name, failed=True), 401
    login_user(StaffSession(name, generation))
    return redirect(_onwards(name), 303)


def _onwards(name: str) -> str:
    member = accesses.staff(name)
    wanted = request.args.get("next", "")
    return wanted if _is_local(wanted) else url_for(HOME[member.role if member else "staff"])


def _is_local(address: str) -> bool:
    """Whether it is a path here. A browser reads a backslash as a slash, and drops tabs."""
    parts = urlsplit(address)
    own = address.startswith("/") and not parts.scheme and not parts.netloc
    return own and address.isprintable() and "\\" not in address


@pages.post("/sign-out")
@access("public")
def sign_out() -> Any:
    """End the session."""
    logout_user()
    flash(gettext("You are signed out."), "done")
    return redirect(url_for("pages.sign_in"), 303)


@pages.get("/invitation/<token>")
@access("public")
@public_limit("30/minute")
@in_staff_language
def invitation(token: str) -> Any:
    """Where an invited person chooses a password."""
    facts = _invited(token)
    return render_template("invitation.html", **facts) if facts else _too_late()


@pages.post("/invitation/<token>")
@access("public")
@public_limit("10/minute")
@in_staff_language
def accept_invitation(token: str) -> Any:
    """Set the password, use the invitation up, and sign in."""
    facts = _invited(token)
    if not facts:
        return _too_late()
    password = request.form.get("password", "")
    problem = _unfit(password, request.form.get("again", ""))
    if problem:
        return render_template("invitation.html", **facts, **problem), 422
    with write.transaction() as connection:
        accounts.accept(connection, facts["name"], password)
    accesses.forget()
    login_user(StaffSession(facts["name"], accounts.check_password(facts["name"], password) or 0))
    flash(gettext("Your password is set. You are signed in."), "done")
    return redirect(_onwards(facts["name"]), 303)


def _invited(token: str) -> dict[str, Any]:
    name = accounts.invited(token)
    if name is None or accesses.staff(name) is None:
        return {}
    return {"name": name, "shortest": accounts.SHORTEST_PASSWORD}


def _too_late() -> Any:
    return render_template("invitation_too_late.html"), 404


def _unfit(password: str, again: str) -> dict[str, str]:
    """What is wrong with the chosen password, by field; nothing where it fits."""
    if len(password) < accounts.SHORTEST_PASSWORD:
        shortest = accounts.SHORTEST_PASSWORD
        return {"too_short": gettext("Use at least %(number)s characters.", number=shortest)}
    if len(password) > accounts.LONGEST_PASSWORD:
        longest = accounts.LONGEST_PASSWORD
        return {"too_short": gettext("Use at most %(number)s characters.", number=longest)}
    if password != again:
        return {"differs": gettext("The two passwords are not the same.")}
    return {}
