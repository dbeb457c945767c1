"""Kölapp: queue and ticketing for a municipality's service centre."""

from flask import Response, request
from flask_babel import Babel
from flask_migrate import Migrate
from flask_openapi import Info, OpenAPI
from flask_socketio import SocketIO
from werkzeug.middleware.proxy_fix import ProxyFix

from queueapp import database, forecasts, push
from queueapp.config import Settings
from queueapp.mirror import Mirror
from queueapp.models import db
from queueapp.outlook import current
from queueapp.statistics import engine
from queueapp.web import access, api, assets, errors, language, pages, shapes, sockets, system
from queueapp.web.limits import limiter

MIGRATIONS = str(database.MIGRATIONS)
LONGEST_BODY = 64 * 1024
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; connect-src 'self' ws: wss:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def create_app(settings: Settings, async_mode: str = "threading") -> OpenAPI:
    """The application with everything wired: one screen, read from the top."""
    app = OpenAPI(
        __name__,
        info=Info(title="Kölapp", version="1"),
        security_schemes={
            "token": {"type": "http", "scheme": "bearer"},
            "session": {"type": "apiKey", "in": "cookie", "name": "session"},
        },
        doc_ui=False,
        validation_error_model=shapes.Problem,
        validation_error_callback=errors.of_validation,
    )
    app.openapi_version = "3.1.0"
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.config.update(
        SETTINGS=settings,
        BUILD=assets.build(),
        CONTENT_SECURITY_POLICY=CONTENT_SECURITY_POLICY,
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=database.options(settings),
        SQLALCHEMY_BINDS=database.binds(settings),
        MAX_CONTENT_LENGTH=LONGEST_BODY,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https://"),
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
        RATELIMIT_STORAGE_URI=settings.redis_url or "memory://",
        RATELIMIT_STORAGE_OPTIONS={"socket_connect_timeout": 0.25, "socket_timeout": 0.25}
        if settings.redis_url
        else {},
        BABEL_DEFAULT_LOCALE="sv",
    )
    app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
        app.wsgi_app, *[settings.trusted_proxies] * 4
    )
    app.extensions["configuration"] = {}
    app.extensions["forecaster"] = forecasts.Forecaster()
    app.extensions["engines"] = engine.Engines()
    app.extensions["outlooks"] = current.Outlooks()
    app.extensions["mirror"] = Mirror()
    app.extensions["bell"] = push.Bell(settings.redis_url)

    db.init_app(app)
    Migrate(app, db, directory=MIGRATIONS)
    Babel(app, locale_selector=language.choose)
    access.init_app(app)
    limiter.init_app(app)
    errors.init_app(app)
    assets.init_app(app)
    app.register_api(api.api)
    app.register_api(system.system)
    app.register_blueprint(pages.pages)

    # Sockets push only, and only over WebSocket: no long polling means no sticky proxy.
    socketio = SocketIO(
        app,
        async_mode=async_mode,
        transports=["websocket"],
        max_http_buffer_size=LONGEST_BODY,
        # A connection that died without a word is noticed within ten seconds.
        ping_interval=5,
        ping_timeout=5,
    )
    app.extensions["follower"] = push.Follower(app, socketio, app.extensions["bell"])
    push.serve(socketio, app.extensions["follower"], sockets.may_watch, errors.of_refusal)
    app.after_request(_protect)
    return app


def _protect(response: Response) -> Response:
    """What every answer carries, so that a page can load and do only what is ours."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    # Over HTTPS the protection of forms asks from which of our pages a form came, error pages
    # too. Nobody else is told: the address of a visitor's page is the key to the ticket.
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
    if not request.path.startswith("/static/"):
        headers.setdefault("Cache-Control", "no-store")
    return response
