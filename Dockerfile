# Wheels first, each checked against its hash in the lock; then an image with the run-time part only.
FROM python:3.13-slim-bookworm AS wheels
WORKDIR /source
COPY requirements.lock ./
RUN pip wheel --no-cache-dir --require-hashes --wheel-dir /wheels --requirement requirements.lock
RUN pip install --no-cache-dir --no-index --find-links /wheels hatchling
COPY . .
RUN pip wheel --no-index --no-deps --no-build-isolation --wheel-dir /wheels . \
    && python -m venv /opt/guestlist \
    && /opt/guestlist/bin/pip install --no-cache-dir --no-index --find-links /wheels guestlist

FROM python:3.13-slim-bookworm
RUN groupadd --gid 10001 guestlist \
    && useradd --uid 10001 --gid guestlist --no-create-home --home-dir /var/lib/guestlist guestlist \
    && install --directory --owner=guestlist --group=guestlist --mode=0700 /var/lib/guestlist
COPY --from=wheels /opt/guestlist /opt/guestlist
ENV PATH=/opt/guestlist/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    GUESTLIST_STATE_DIR=/var/lib/guestlist
WORKDIR /var/lib/guestlist
USER guestlist
CMD ["guestlist", "--help"]
