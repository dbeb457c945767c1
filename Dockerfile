# Kölapp as an image: everything is built in the first stage, and only the result goes on.

FROM python:3.11-slim-bookworm AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends make \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN make wheel

FROM python:3.11-slim-bookworm
# What WeasyPrint makes the report's PDF with; without it everything else works.
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
    libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
 && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --user-group --no-create-home queueapp \
 && install -d -o queueapp -g queueapp -m 0750 /var/lib/queueapp
RUN --mount=type=bind,from=build,source=/src/dist,target=/wheels \
    pip install --no-cache-dir --no-index --find-links=/wheels queueapp
ENV PYTHONUNBUFFERED=1 \
    QUEUEAPP_HOST=0.0.0.0 \
    QUEUEAPP_PORT=8000 \
    QUEUEAPP_VAR=/var/lib/queueapp
# By number, so that a platform that refuses root can see that this is not root.
USER 10001:10001
WORKDIR /var/lib/queueapp
EXPOSE 8000
CMD ["queueapp", "run"]
