"""Settings of the two contestants that are Django projects: its usual ones, over the tables of this API.

Connections are kept, without which Django is three times as slow; the rest is as `startproject` leaves it,
less what only its admin needs.
"""

import os

SECRET_KEY = "not a secret: nothing is signed with it"  # noqa: S105 (as it says)
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = [
    "events",
    "agreements",
    "actors",
    "places",
    "sources",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "rest_framework",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
]
ROOT_URLCONF = os.environ.get("BENCHMARK_URLS", "benchmarks.reading.contestants.plain_drf")
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": os.environ.get("BENCHMARK_DBNAME", ""),
        "USER": os.environ.get("BENCHMARK_USER", ""),
        "PASSWORD": os.environ.get("BENCHMARK_PASSWORD", ""),
        "HOST": os.environ.get("BENCHMARK_HOST", ""),
        "PORT": os.environ.get("BENCHMARK_PORT", ""),
        "CONN_MAX_AGE": None,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ, TIME_ZONE = True, "UTC"
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "UNAUTHENTICATED_USER": None,
}
