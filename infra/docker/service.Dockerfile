# syntax=docker/dockerfile:1
#
# One file for every app:
#   docker build -f infra/docker/service.Dockerfile --target service --build-arg APP=planner -t magistry/planner .
# and for the job that brings the database up to date:
#   docker build -f infra/docker/service.Dockerfile --target migrate -t magistry/migrate .

FROM node:24-bookworm-slim AS build
WORKDIR /build
ENV NX_DAEMON=false NX_NO_CLOUD=true
COPY . .
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --no-audit --no-fund
RUN npx nx run-many -t build

FROM build AS migrate-files
RUN node infra/docker/assemble.ts migrate /image

FROM build AS service-files
ARG APP
RUN node infra/docker/assemble.ts "$APP" /image

FROM node:24-bookworm-slim AS runtime
LABEL org.opencontainers.image.vendor="Magistry" \
      org.opencontainers.image.licenses="UNLICENSED"
ENV NODE_ENV=production NODE_OPTIONS=--enable-source-maps
WORKDIR /app
USER node

FROM runtime AS migrate
LABEL org.opencontainers.image.title="magistry migrate"
COPY --from=migrate-files /image/ ./
CMD ["node", "infra/postgres/migrate-command.ts"]

# The last stage is what a build without --target makes.
FROM runtime AS service
ARG APP
LABEL org.opencontainers.image.title="magistry ${APP}"
ENV APP=${APP}
COPY --from=service-files /image/ ./
CMD ["sh", "-c", "exec node \"apps/$APP/dist/main.js\""]
