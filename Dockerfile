# syntax=docker/dockerfile:1
# Two stages: the first builds a virtual environment from hash-checked packages,
# the second holds nothing but that environment and runs it without privileges.

FROM python:3.12-slim-bookworm AS build
WORKDIR /build
RUN python -m venv /opt/app
COPY requirements.lock requirements-build.lock ./
RUN python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements-build.lock \
    && /opt/app/bin/python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
RUN python -m pip wheel --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir dist . \
    && /opt/app/bin/python -m pip install --no-cache-dir --disable-pip-version-check --no-deps dist/*.whl

FROM python:3.12-slim-bookworm AS run
RUN groupadd --gid 10001 app \
    && useradd --uid 10001 --gid app --create-home --shell /usr/sbin/nologin app \
    && install --directory --owner app --group app /data /state
COPY --from=build /opt/app /opt/app
ENV PATH=/opt/app/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    APP_DATA_DIR=/data \
    APP_STATE_DIR=/state
USER app
WORKDIR /data
VOLUME ["/data", "/state"]
ENTRYPOINT ["app"]
CMD ["--help"]
