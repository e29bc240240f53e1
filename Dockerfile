# stashwork in a container: docker build -t stashwork . && docker run -p 127.0.0.1:9998:9998 -v stashwork:/data -e STASHWORK_TOKEN=... stashwork
# How to connect it to a Stash stands in docs/stashwork.md.
FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /source
RUN python -m venv /venv
# The pinned and hashed dependencies first: they change less often than the source.
COPY requirements/run.txt requirements/run.txt
RUN /venv/bin/pip install --require-hashes -r requirements/run.txt
COPY pyproject.toml README.md LICENSE ./
COPY src src
COPY app app
RUN /venv/bin/pip install --no-deps --no-build-isolation . ./app

FROM python:3.13-slim
RUN useradd --uid 10001 --no-create-home --home-dir /data stashwork \
    && install --directory --owner stashwork --group stashwork --mode 0700 /data
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 STASHWORK_DATA=/data STASHWORK_HOST=0.0.0.0 STASHWORK_PORT=9998
USER stashwork
WORKDIR /data
VOLUME /data
EXPOSE 9998
STOPSIGNAL SIGTERM
# Not a command of stashwork: that would load all of it every half minute.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:9998/readyz', timeout=4)"]
CMD ["stashwork", "serve"]
