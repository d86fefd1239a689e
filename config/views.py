"""What is said of the service as a whole: its index, and whether it is alive and ready."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from http import HTTPStatus
from typing import Any

import orjson
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.parameters import Parameters
from api.problems import answer
from api.serializers import ReadOnly
from config.routing import lead_to
from config.standbys import watch
from sources.models import Dataset, Release, Revision

COLLECTIONS = (
    "events",
    "actors",
    "places",
    "agreements",
    "provisions",
    "sources",
    "datasets",
    "event-types",
)

# How long it may take to find out whether requests can be served, in seconds.
READY_SECONDS = 0.8
_checker = ThreadPoolExecutor(1, "ready")
_under_way: Future[dict[str, Any]] | None = None

# By what it has to be said.
SUMMARY = "/api/events/summary?by=year"


class LicenceSerializer(ReadOnly):
    """The terms of a dataset."""

    dataset = serializers.CharField(help_text="Id of the dataset.")
    licence = serializers.CharField()
    attribution = serializers.CharField(allow_null=True)


class IndexSerializer(ReadOnly):
    """What this service is, the state of its data, and where everything is."""

    title = serializers.CharField()
    description = serializers.CharField()
    version = serializers.CharField(help_text="Version of the software.")
    data_revision = serializers.IntegerField(help_text="Rises with every change of the data.")
    data_changed_at = serializers.CharField(help_text="When the data changed last, in UTC.")
    licences = LicenceSerializer(many=True)
    links = serializers.DictField(
        child=serializers.CharField(), help_text="Addresses of everything else, by name."
    )


class IndexView(APIView):
    """The index of the API."""

    tag, operation_id, summary = "service", "getIndex", "Where everything is"
    serializer_class = IndexSerializer

    def get(self, request: Request) -> Response:
        """Say what this service is, the state of its data, and where everything is."""
        Parameters.read(request.query_params)
        revision = Revision.current()
        datasets = Dataset.objects.served().values("public_id", "licence", "attribution")
        names = [*COLLECTIONS, "schema", "docs", "redoc"]
        links = {name: f"/api/{name}" for name in names} | {
            "events-summary": SUMMARY,
            "llms": "/llms.txt",
        }
        return Response(
            {
                "title": "Dateline",
                "description": "Structured news-event records: what happened, where, when, who "
                "took part and how we know.",
                "version": settings.VERSION,
                **_as_of(revision),
                "licences": [
                    {
                        "dataset": row["public_id"],
                        "licence": row["licence"],
                        "attribution": row["attribution"],
                    }
                    for row in datasets
                ],
                "links": {name: request.build_absolute_uri(path) for name, path in links.items()},
            }
        )


def form_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that no page of this service can be shown to have sent; `reason` is Django's."""
    detail = (
        "The form was not sent by a page of this service, or without the cookie that came with the page. Go "
        "back, load the page again and send it once more."
    )
    return answer(request, HTTPStatus.FORBIDDEN, detail)


@csrf_exempt
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Answer that the process is alive; nothing else is asked."""
    return _state(200, {"status": "alive"})


@csrf_exempt
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Answer whether requests can be served, and from which state of the data: 200, or 503 with the checks that failed.

    Where there are standbys, they are told of, too, as this process sees them.
    """
    found = _checked()
    passed = all(found["checks"].values())
    content = {"status": "ready" if passed else "not ready", **found, **_servers()}
    return _state(200 if passed else 503, content)


def _servers() -> dict[str, Any]:
    """Return who answers, and how far behind standbys are, in the order of STANDBY_URLS."""
    if not watch.standbys:
        return {}
    standbys = [
        {
            "answers": standby.position is not None,
            "reads": standby.reads,
            "lag_seconds": None if standby.lag is None else round(standby.lag, 1),
        }
        for standby in watch.standbys
    ]
    return {"primary": {"answers": watch.primary.position is not None}, "standbys": standbys}


def _checked() -> dict[str, Any]:
    """Return what holds; nothing does if that is not found out in time, as with a database that hangs.

    It is found out by a thread that connects anew each time, whatever the connections are at that requests keep.
    """
    _migrations()
    global _under_way  # noqa: PLW0603 (who asks meanwhile waits for the same)
    if _under_way is None or _under_way.done():
        _under_way = _checker.submit(_check)
    try:
        return _under_way.result(READY_SECONDS)
    except TimeoutError:
        return {"checks": dict.fromkeys(CHECKS, False), **_as_of(None)}


def _check() -> dict[str, Any]:
    """Return what holds where reads are answered: the service is ready without its primary, while a standby is."""
    if standby := watch.standby():
        lead_to(standby.alias)
        found = _check_there()
        if all(found["checks"].values()):
            return found
    lead_to(DEFAULT_DB_ALIAS)
    return _check_there()


def _check_there() -> dict[str, Any]:
    try:
        return {
            "checks": {name: _holds(check) for name, check in CHECKS.items()},
            **_as_of(_revision()),
        }
    finally:
        connection.close()


def _revision() -> Revision | None:
    try:
        return Revision.current()
    except DatabaseError:
        return None


def _as_of(revision: Revision | None) -> dict[str, Any]:
    """Return which state of the data there is and since when, or null where that cannot be known."""
    return {
        "data_revision": revision and revision.number,
        "data_changed_at": revision and revision.changed_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _state(status: int, content: dict[str, Any]) -> HttpResponse:
    response = HttpResponse(orjson.dumps(content), status=status, content_type="application/json")
    response["Cache-Control"] = "no-store"
    return response


def _holds(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except DatabaseError:
        return False


def _database_answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone())


@cache
def _migrations() -> frozenset[tuple[str, str]]:
    """Return the migrations that belong to this software, which takes a while the first time."""
    return frozenset(MigrationLoader(None).disk_migrations or ())


def _migrations_are_applied() -> bool:
    return _migrations() <= MigrationRecorder(connection).applied_migrations().keys()


def _data_is_loaded() -> bool:
    return Release.objects.exists()


CHECKS: dict[str, Callable[[], bool]] = {
    "database": _database_answers,
    "migrations": _migrations_are_applied,
    "data": _data_is_loaded,
}
