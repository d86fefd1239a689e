"""What Prometheus reads, of a service with two processes."""

import os
import signal
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.service import PATIENCE, Service, fetch, free_port

pytestmark = [pytest.mark.processes, pytest.mark.enable_socket]

Samples = dict[tuple[str, ...], float]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Start a service that measures; yield it and the port on which it tells."""
    port = free_port()
    folder = tmp_path_factory.mktemp("metrics")
    service = Service(
        folder / "data",
        PORT=str(free_port()),
        HOST="0.0.0.0",  # noqa: S104 (nobody else is to see metrics even then)
        METRICS_PORT=str(port),
        TMPDIR=str(folder),
    )
    yield service, port
    os.kill(service.process.pid, signal.SIGTERM)
    assert service.process.wait(PATIENCE) == 0
    assert not list(folder.glob("dateline-metrics-*"))


def read(port: int) -> Samples:
    """Return the samples by name and values of their labels, in the order of their names."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_requests_are_counted_over_all_processes(service: Any) -> None:
    running, port = service
    base = running.base()
    for number in range(20):
        fetch(f"{base}/api/events?page_size={number + 1}")
        fetch(f"{base}/api/events?place=Aghdam")
        with pytest.raises(urllib.error.HTTPError) as refused:
            fetch(f"{base}/api/events/nosuch-{number}")
        refused.value.close()
    samples = read(port)
    assert samples["dateline_requests_total", "GET", "/api/events", "200"] == 40
    assert samples["dateline_requests_total", "GET", "/api/events/<id>", "404"] == 20
    assert samples["dateline_request_duration_seconds_count", "/api/events"] == 40
    assert samples["dateline_request_duration_seconds_bucket", "10.0", "/api/events"] == 40
    # Each of two processes makes an answer once.
    assert 18 <= samples["dateline_kept_answers_total",] < 20


def test_what_clients_make_up_is_no_label(service: Any) -> None:
    running, port = service
    base = running.base()
    before = len(read(port))
    for number in range(10):
        request = urllib.request.Request(f"{base}/nosuch-{number}", method=f"M{number}")
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=10)
        refused.value.close()
    after = read(port)
    assert after["dateline_requests_total", "other", "none", "404"] == 10
    assert len(after) - before < 25


def test_the_database_tells_of_data_and_connections(service: Any) -> None:
    running, port = service
    revision = fetch(f"{running.base()}/readyz")["data_revision"]
    samples = read(port)
    assert samples["dateline_data_revision",] == revision
    assert 0 < samples["dateline_data_age_seconds",] < 600
    assert samples["dateline_database_up",] == 1
    assert samples["dateline_database_connections", "dateline_reader"] >= 1
    assert samples["dateline_database_connections_max",] >= 20


def test_nobody_else_sees_them(service: Any) -> None:
    running, port = service
    with pytest.raises(urllib.error.HTTPError, match="404"):
        fetch(f"{running.base()}/metrics")
    listening = {
        connection.laddr.ip
        for connection in psutil.Process(running.process.pid).net_connections()
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
    }
    assert listening == {"127.0.0.1"}


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"METRICS_PORT": "taken"}, "cannot be used: Address already in use"),
        ({"METRICS_PORT": "1", "PYTHONPATH": "absent"}, "METRICS_PORT needs prometheus-client"),
    ],
)
def test_what_cannot_be_measured_is_told(
    service: Any, tmp_path: Path, environment: dict[str, str], message: str
) -> None:
    running, _ = service
    running.base()
    (tmp_path / "prometheus_client.py").write_text("raise ImportError")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        values = {"taken": str(taken.getsockname()[1]), "absent": str(tmp_path)}
        other = Service(
            running.data,
            PORT=str(free_port()),
            **{name: values.get(value, value) for name, value in environment.items()},
        )
        assert other.process.wait(PATIENCE) != 0
    assert message in other.said
    assert "Traceback" not in other.said


def test_without_the_package_nothing_is_missed(service: Any, tmp_path: Path) -> None:
    """The service starts without prometheus-client where nothing is to be measured."""
    running, _ = service
    running.base()
    (tmp_path / "prometheus_client.py").write_text("raise ImportError")
    other = Service(running.data, PORT=str(free_port()), PYTHONPATH=str(tmp_path))
    assert fetch(f"{other.base()}/api/events")["count"] == 29
    other.kill()
