FROM node:24-slim AS build
WORKDIR /app
# The stand-in for the native crypto module is a dependency of the project: npm needs it before it installs.
COPY package.json package-lock.json .npmrc ./
COPY stubs ./stubs
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY scripts ./scripts
COPY src ./src
# The optional dependencies are the embedded PostgreSQL: beside this image runs a real one.
RUN npm run build && npm prune --omit=dev --omit=optional

FROM node:24-slim
LABEL org.opencontainers.image.title="matrix-slack-bridge" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production
# One arena of malloc for all threads, given back from the top: some 25 MiB less after much work, and as fast.
ENV MALLOC_ARENA_MAX=1 MALLOC_TRIM_THRESHOLD_=131072
WORKDIR /app
# New volumes on these folders belong to the account that the bridge runs as (node, in this image).
RUN mkdir /data /registration && chown 1000:1000 /data /registration
COPY --from=build /app/package.json ./
COPY --from=build /app/stubs ./stubs
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
USER 1000:1000
# 9993: the homeserver's transactions, 9994: Slack's events over HTTP, 9995: health, metrics, pictures
EXPOSE 9993 9994 9995
# Node by itself would take several times the memory; a quiet bridge gives back what it took (--expose-gc).
CMD ["node", "--max-semi-space-size=16", "--max-old-space-size=144", "--expose-gc", "dist/main.js", "run"]
