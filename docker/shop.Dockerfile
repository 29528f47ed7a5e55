# The example shop. Build it from the root of the repository.
FROM node:20.20.2-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc tsconfig.json ./
COPY protocol ./protocol
COPY recorder-otel ./recorder-otel
COPY backend-example ./backend-example
RUN npm ci --ignore-scripts --no-audit --no-fund \
      -w protocol -w recorder-otel -w backend-example --include-workspace-root \
 && npm run build -w protocol \
 && npm run build -w recorder-otel \
 && npm run build -w backend-example
RUN npm prune --omit=dev --ignore-scripts --no-audit --no-fund \
      -w protocol -w recorder-otel -w backend-example \
 && rm -rf protocol/src recorder-otel/src backend-example/src

FROM node:20.20.2-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /src/package.json ./
COPY --from=build /src/node_modules ./node_modules
COPY --from=build /src/protocol ./protocol
COPY --from=build /src/recorder-otel ./recorder-otel
COPY --from=build /src/backend-example ./backend-example
USER node
EXPOSE 3000
CMD ["node", "--import", "./backend-example/dist/server/tracing.js", "backend-example/dist/server/main.js"]
