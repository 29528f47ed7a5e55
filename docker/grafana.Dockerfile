# Grafana with the Session Replay app in it. Build it from the root of the repository.
FROM node:22.21.1-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc tsconfig.json ./
COPY protocol ./protocol
COPY player ./player
# The app is built from the player's sources, which find their packages here, and has its one-file page in it.
RUN npm ci --ignore-scripts --no-audit --no-fund -w protocol -w player --include-workspace-root && \
    npm run build -w protocol -w player
# Its toolchain has a lockfile of its own.
COPY grafana-plugin ./grafana-plugin
RUN cd grafana-plugin && npm ci --ignore-scripts --no-audit --no-fund && npm run build

FROM grafana/grafana:13.2.3
USER root
# A volume that is mounted here takes its owner from it.
RUN mkdir -p /var/lib/grafana/data && chown -R 472:0 /var/lib/grafana/data
COPY --from=build --chown=472:0 /src/grafana-plugin/dist /var/lib/grafana/plugins/otelreplay-sessionreplay-app
COPY --chown=472:0 grafana-plugin/provisioning /etc/grafana/provisioning
USER 472
