# The image of the controller. It stands at the top because the whole tree is its context:
#   docker build -t registry.example.org/ispalier:0.1.0 .
# Both stages are the same Python, so the virtual environment fits; nothing of the first one's tools
# is in the second. Every package is the one that requirements.lock names, checked by hash.
FROM python:3.13-slim-trixie AS build
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_NO_CACHE=1 UV_PYTHON_DOWNLOADS=never
WORKDIR /src
COPY requirements.lock pyproject.toml ./
RUN sed -n '/^uv==/,/[^\\]$/p' requirements.lock > uv.lock \
 && pip install --no-cache-dir --require-hashes -r uv.lock
RUN uv venv /opt/ispalier \
 && uv pip install --python /opt/ispalier --require-hashes -c requirements.lock -r pyproject.toml --extra traces
COPY README.md LICENSE ./
COPY controller controller
RUN uv build --wheel --require-hashes --build-constraints requirements.lock --out-dir dist \
 && uv pip install --python /opt/ispalier --no-deps dist/*.whl

FROM python:3.13-slim-trixie
COPY --from=build /opt/ispalier /opt/ispalier
# Bytecode was compiled above: nothing is written below the root, which may be read-only.
ENV PATH=/opt/ispalier/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /var/lib/ispalier
USER 10001:10001
EXPOSE 8080
ENTRYPOINT ["ispalier"]
CMD ["run"]
