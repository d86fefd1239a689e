# The service as a container: Python, the locked requirements and the code, without build tools.
#
# A tag can move, a digest cannot; nor do mends of the system come with one. This is of 19 September 2026, as
# github.com/docker-library/repo-info has it, for all its platforms. Ask for a newer one from time to time:
#   docker buildx imagetools inspect python:3.11-slim-bookworm --format '{{.Manifest.Digest}}'
#
# Run it with docker-compose.yml, which brings PostgreSQL. On its own, to try it, with the embedded
# PostgreSQL of the requirements in /data (not used, and not started, when DATABASE_URL is set):
#   docker run --rm --init --read-only --tmpfs /tmp --publish 127.0.0.1:8000:8000 dateline
ARG PYTHON_IMAGE=python:3.11.16-slim-bookworm@sha256:a36c24f9cbdf4fd0f52d67f0823eeac19c2028c637cecc392d97f980d4fec56b

FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
# The environment gets no pip of its own: that of the base image installs into it.
RUN python -m venv --without-pip /opt/venv
COPY requirements.txt requirements-metrics.txt /tmp/
# Wheels only: nothing is compiled and no package's own code runs here.
RUN python -m pip --python /opt/venv install \
    --require-hashes --only-binary :all: -r /tmp/requirements.txt -r /tmp/requirements-metrics.txt
COPY . /app
# Compiled now, as nothing can be written beside the code later.
RUN python -m compileall -q --invalidation-mode unchecked-hash /app

FROM ${PYTHON_IMAGE}
# A fixed user id, so that volumes keep their owner; PostgreSQL wants the account to have a name.
RUN python -m pip uninstall --yes pip setuptools wheel \
    && groupadd --gid 10001 dateline \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent \
        --shell /usr/sbin/nologin dateline \
    && install --directory --owner dateline --group dateline --mode 0700 /data
# Code and requirements stay root's: the service cannot change them.
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DATELINE_DATA=/data \
    HOST=0.0.0.0 \
    PORT=8000
WORKDIR /app
USER 10001:10001
# All that the service writes: the secret key of this installation, and the embedded database.
VOLUME /data
EXPOSE 8000
# Asked for without a proxy, under a name that must stand in ALLOWED_HOSTS: 127.0.0.1.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "from urllib.request import ProxyHandler as P, build_opener as b; b(P({})).open('http://127.0.0.1:8000/readyz', timeout=4)"]
CMD ["python", "manage.py", "up"]
