# The processor with its viewer. Build it from the root of the repository.
FROM node:20.20.2-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc tsconfig.json ./
COPY protocol ./protocol
COPY player ./player
COPY collector-processor ./collector-processor
RUN npm ci --ignore-scripts --no-audit --no-fund \
      -w protocol -w player -w collector-processor --include-workspace-root \
 && npm run build -w protocol \
 && npm run build -w player \
 && npm run build -w collector-processor
# What runs needs none of the tools that built it.
RUN npm prune --omit=dev --ignore-scripts --no-audit --no-fund \
      -w protocol -w player -w collector-processor \
 && rm -rf player/src protocol/src collector-processor/src

FROM node:20.20.2-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /src/package.json ./
COPY --from=build /src/node_modules ./node_modules
COPY --from=build /src/protocol ./protocol
COPY --from=build /src/player ./player
COPY --from=build /src/collector-processor ./collector-processor
# A volume that is mounted here takes its owner from it.
RUN install -d -o node -g node /var/lib/session-replay
USER node
EXPOSE 4318 4319 8787 13133
ENTRYPOINT ["node", "collector-processor/dist/main.js"]
