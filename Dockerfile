# One image for every process of ours: worker, starter, migration and the sandboxes differ by their command only.
ARG PYTHON=python:3.11.13-slim-bookworm

FROM ${PYTHON} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/holdfast
ENV PATH=/opt/holdfast/bin:$PATH
# before the sources, so that a change of ours installs nothing anew
COPY requirements.lock /tmp/
RUN pip install --require-hashes -r /tmp/requirements.lock
WORKDIR /app
COPY . .
RUN pip install --no-deps --no-build-isolation -e . && python -m compileall -q .

FROM ${PYTHON}
# its home is the only folder that a process may write to; a named volume takes over its owner
RUN useradd --system --uid 10001 --home-dir /var/lib/holdfast --create-home holdfast
ENV PATH=/opt/holdfast/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
COPY --from=build /opt/holdfast /opt/holdfast
COPY --from=build /app /app
WORKDIR /app
USER holdfast
CMD ["python", "worker.py"]
