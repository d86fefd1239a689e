"""Settings, read from the environment. Every variable has a working default; README lists them."""

import secrets
from datetime import timedelta
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from config import logs
from config.database import configuration, roles, standbys
from config.environment import Env

env = Env()

PROJECT = Path(__file__).resolve().parent.parent
VERSION = "0.1.0"

# Everything the service writes lies in this folder: the embedded database, the secret key.
DATA_FOLDER = Path(env.str("DATELINE_DATA", default="") or PROJECT / ".dateline").expanduser()


def _kept_secret() -> str:
    """Return the secret key of this installation, made at the first start.

    Cursors and sessions are signed with it, so it must outlive a restart and be shared by workers.
    """
    path = DATA_FOLDER / "secret-key"
    if not path.exists():
        DATA_FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f"secret-key.{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(50))
        try:
            # A link never replaces: of two first starts at once, one key is kept by both.
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


try:
    SECRET_KEY = env.str("SECRET_KEY", default="") or _kept_secret()
except OSError as error:
    raise ImproperlyConfigured(
        f"DATELINE_DATA: {DATA_FOLDER} cannot be written to ({error.strerror}); name another folder."
    ) from error
DEBUG = env.flag("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
# Behind a proxy that ends TLS and sets X-Forwarded-Proto itself.
BEHIND_TLS_PROXY = env.flag("BEHIND_TLS_PROXY", default=False)
if BEHIND_TLS_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    # Asked for by what watches the service, past the proxy.
    SECURE_REDIRECT_EXEMPT = ["^livez$", "^readyz$"]
    SECURE_HSTS_SECONDS = 31_536_000
# Whether all of the domain, other hosts under it included, is reached by TLS only, and for good.
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = env.flag("HSTS_WHOLE_DOMAIN", default=False)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "config",
    "explorer",
    "ingest",
    "events",
    "agreements",
    "actors",
    "places",
    "sources",
    "api",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "corsheaders",
    "axes",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "config.headers.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "api.middleware.VersionMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "explorer.middleware.AskingMiddleware",
    "api.limits.RateLimitMiddleware",
    "api.middleware.ApiMiddleware",
    "api.compression.CompressionMiddleware",
    "api.caching.CachingMiddleware",
    "django.middleware.common.CommonMiddleware",
    "config.middleware.UnreadableMiddleware",
    "config.middleware.WritingMiddleware",
    "config.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "config.middleware.AuthenticationMiddleware",
    "config.middleware.TrailMiddleware",
    "config.middleware.MessageMiddleware",
    "axes.middleware.AxesMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASE_URL = env.str("DATABASE_URL", default="")
# Copies of the database that answer what is read, and for how many seconds they may lack what the database has.
STANDBY_LAG = env.whole("STANDBY_LAG", default=10)
STANDBYS = standbys(env.list("STANDBY_URLS", default=[]), STANDBY_LAG)
DATABASES = {"default": configuration(DATABASE_URL, DATA_FOLDER), **STANDBYS}
# As whom imports and the API connect, where it is not as the owner of the tables.
DATABASE_ROLES = roles(
    env.str("DATABASE_IMPORTER_URL", default=""),
    env.str("DATABASE_READER_URL", default=""),
    embedded=not DATABASE_URL,
)
DATABASE_ROUTERS = ["config.roles.Router"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FIXTURE_DIRS = [PROJECT / "fixtures" / "built"]

LANGUAGE_CODE = "en"
USE_I18N = False
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
# Files are served from the installed packages; no collecting step stands between clone and run.
WHITENOISE_USE_FINDERS = True
WHITENOISE_ALLOW_ALL_ORIGINS = False

AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
# Who guesses passwords is locked out; config/logins.py says when.
AXES_HANDLER = "config.logins.Handler"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"], "ip_address", "username"]
AXES_FAILURE_LIMIT = 10
# How long after the last wrong password all are forgotten.
AXES_COOLOFF_TIME = timedelta(hours=1)
# Attempts of who is locked out do not keep the owner of the account out any longer.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_CALLABLE = "config.logins.refused"
AXES_CLIENT_IP_CALLABLE = "api.limits.client"
# The log tells the address of who fails, and not the name, which may be a password in the wrong field.
AXES_SENSITIVE_PARAMETERS = ["username"]
AXES_VERBOSE = False
SECURE_COOKIES = env.flag("SECURE_COOKIES", default=BEHIND_TLS_PROXY)
if SECURE_COOKIES:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    # Names that browsers take from this host alone, and not from another of its domain.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "config.views.form_refused"

CORS_ALLOW_ALL_ORIGINS = True
# The data, and the guide to them for programs.
CORS_URLS_REGEX = r"^/(api(/|$)|llms\.txt$)"
CORS_ALLOW_METHODS = ["GET", "HEAD", "OPTIONS"]
CORS_ALLOW_HEADERS = ["accept", "accept-language", "if-modified-since", "if-none-match"]
CORS_EXPOSE_HEADERS = [
    "Link",
    "ETag",
    "Retry-After",
    "RateLimit",
    "RateLimit-Policy",
    "Content-Disposition",
    "API-Version",
    "X-Request-ID",
]
CORS_PREFLIGHT_MAX_AGE = 86_400

# What answers depend on besides the request and the software.
DATA_STATE = "sources.revision.STATE"
# For how many seconds what is read may lack a change that others see.
DATA_LAG = STANDBY_LAG if STANDBYS else 0
# What keeps others from replacing the data while they are read.
DATA_HOLD = "sources.revision.HOLD"
# How long answers may be reused without asking whether the data have changed, in seconds.
CACHE_SECONDS = env.whole("CACHE_SECONDS", default=60)

# How much of the last answers a process keeps, to give again while the data stay as they are, in megabytes.
ANSWERS_KEPT = env.whole("ANSWERS_KEPT", default=32)

# How many requests under /api an address may make: "600/minute". Empty is no limit.
RATE_LIMIT = env.str("RATE_LIMIT", default="")
# The header in which a proxy of yours writes the client's address: "X-Forwarded-For". A client could
# write it too, so name one only where every request comes through that proxy.
CLIENT_ADDRESS_HEADER = env.str("CLIENT_ADDRESS_HEADER", default="")
# How many proxies of yours a request comes through, each of which adds an address to that header.
TRUSTED_PROXIES = env.whole("TRUSTED_PROXIES", default=1)
if TRUSTED_PROXIES < 1:
    raise ImproperlyConfigured(
        "TRUSTED_PROXIES is a number from 1 on; leave out CLIENT_ADDRESS_HEADER for none."
    )

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["api.renderers.JsonRenderer"],
    "DEFAULT_PARSER_CLASSES": [],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "api.renderers.Negotiation",
    "DEFAULT_SCHEMA_CLASS": "api.schema.ResourceSchema",
    "EXCEPTION_HANDLER": "api.problems.exception_handler",
    # `format` is a parameter like any other: known where a view declares it, refused elsewhere.
    "URL_FORMAT_OVERRIDE": None,
    "FORMAT_SUFFIX_KWARG": "suffix",
    "UNAUTHENTICATED_USER": None,
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Dateline",
    "VERSION": VERSION,
    "DESCRIPTION": (PROJECT / "docs" / "api.md").read_text(encoding="utf-8"),
    "LICENSE": {
        "name": "BSD-3-Clause (code); each dataset states its own terms",
        "identifier": "BSD-3-Clause",
    },
    "OAS_VERSION": "3.1.1",
    "SERVERS": [{"url": "/", "description": "The host that serves this document"}],
    "SERVE_INCLUDE_SCHEMA": False,
    # A path with a suffix is the same operation, described by its parameter `format`.
    "PREPROCESSING_HOOKS": ["drf_spectacular.hooks.preprocess_exclude_path_format"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "api.document.tidy",
    ],
    "TAGS": [
        {
            "name": "events",
            "description": "What happened, where, when, who took part, how we know.",
        },
        {
            "name": "agreements",
            "description": "What was agreed, clause by clause, and what came of it.",
        },
        {"name": "actors", "description": "Who: states, forces, people, groups."},
        {"name": "places", "description": "Where: countries, provinces, districts, towns."},
        {
            "name": "sources",
            "description": "How we know: the documents and datasets behind the records.",
        },
        {
            "name": "vocabularies",
            "description": "The types of event, with their codes in other schemes.",
        },
        {"name": "service", "description": "The index of the API."},
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {
        "deepLinking": True,
        "displayRequestDuration": True,
        "filter": True,
        "tryItOutEnabled": True,
    },
    # Names that generated clients use: one for each vocabulary, whatever field it stands in.
    "ENUM_NAME_OVERRIDES": {
        "ActorKind": "actors.choices.ActorKind",
        "AgreementKind": "agreements.choices.AgreementKind",
        "AgreementStatus": "agreements.choices.AgreementStatus",
        "Certainty": "events.choices.Certainty",
        "CodeMatch": "events.choices.CodeMatch",
        "ControlKind": "actors.choices.ControlKind",
        "CountRelation": "api.contents.COUNT_RELATIONS",
        "DatePrecision": "sources.choices.DatePrecision",
        "DocumentKind": "sources.choices.DocumentKind",
        "DueQualifier": "agreements.choices.DueQualifier",
        "EventGrouping": "events.summaries.CHOICES",
        "EventStatus": "events.choices.EventStatus",
        "LinkKind": "events.choices.LinkKind",
        "NameKind": "places.choices.NameKind",
        "PartyRole": "agreements.choices.PartyRole",
        "PlaceKind": "places.choices.PlaceKind",
        "PlacePrecision": "events.choices.PlacePrecision",
        "ProblemType": "api.problems.PROBLEM_TYPES",
        "ProvisionStatus": "agreements.choices.ProvisionStatus",
        "Role": "events.choices.Role",
    },
}

# Lines for people (text) or for machines (json).
LOGGING = logs.configuration(LOG_FORMAT := env.str("LOG_FORMAT", default="text"))
# Whether each request is logged.
ACCESS_LOG = env.flag("ACCESS_LOG", default=False)
# Statements that take so long are logged, in milliseconds. None: none are.
SLOW_QUERY_MS = env.whole("SLOW_QUERY_MS", default=0) or None
# The port of this machine on which Prometheus is told what to measure. None: nothing is measured.
METRICS_PORT = env.whole("METRICS_PORT", default=0, most=65_535) or None
