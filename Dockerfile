# Two stages: the first installs the locked wheels, the second holds only what runs.
FROM python:3.11-slim-bookworm AS build
WORKDIR /app
COPY requirements.txt .
RUN python -m venv /app/.venv && /app/.venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /app zhibu && mkdir -p /app/var && chown zhibu /app/var
WORKDIR /app
COPY --from=build /app/.venv /app/.venv
COPY bot bot
COPY handlers handlers
COPY scheduler scheduler
COPY config.example.toml .
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 BOT__WEB__HOST=0.0.0.0 BOT__WEB__CONSOLE=false
USER zhibu
VOLUME /app/var
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/readyz', timeout=4)"]
# The configuration is mounted at /app/config.toml; every key may also come from the environment.
CMD ["python", "-m", "bot", "serve"]
