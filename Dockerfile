# --- What Trellis runs with, installed from the hashed lock -----------------------------------------------------------
FROM python:3.13-slim AS builder

WORKDIR /app
COPY requirements/run.txt requirements/
# Wheels only: nothing is compiled here, and no compiler is needed.
RUN python -m venv --without-pip /opt/venv \
    && python -m pip --python /opt/venv/bin/python install --disable-pip-version-check --no-cache-dir \
        --require-hashes --only-binary :all: -r requirements/run.txt
COPY adapters adapters
COPY bot bot
COPY config config
COPY storage storage
# The final image never writes bytecode, so it gets it ready-made.
RUN /opt/venv/bin/python -m compileall -q --invalidation-mode unchecked-hash adapters bot config storage

# --- What is shipped --------------------------------------------------------------------------------------------------
FROM python:3.13-slim

LABEL org.opencontainers.image.title="Trellis" \
      org.opencontainers.image.description="One community's bot on every chat platform where that community lives" \
      org.opencontainers.image.licenses="MIT"

ENV PATH="/opt/venv/bin:$PATH" \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PYTHONPATH=/app \
    HOME=/data \
    DATABASE_URL="sqlite+aiosqlite:////data/trellis.db" \
    TRELLIS_WEB_HOST="0.0.0.0"

RUN groupadd --system --gid 10001 trellis \
    && useradd --system --uid 10001 --gid trellis --no-create-home --home-dir /data --shell /usr/sbin/nologin trellis \
    && install -d -o trellis -g trellis -m 0750 /data

WORKDIR /app
COPY --from=builder /opt/venv /opt/venv
COPY --from=builder /app/adapters adapters
COPY --from=builder /app/bot bot
COPY --from=builder /app/config config
COPY --from=builder /app/storage storage

# What is written without a path of its own, such as the playground's chat beside PostgreSQL, lands in the volume.
WORKDIR /data

# By number, so that an orchestrator can see that this is not root.
USER 10001:10001
# Only /data and /tmp are ever written: docker run --read-only --tmpfs /tmp works.
VOLUME /data
EXPOSE 8080

HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.build_opener(u.ProxyHandler({})).open('http://127.0.0.1:' + os.environ.get('TRELLIS_WEB_PORT', '8080') + '/healthz', timeout=4)"]

ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
