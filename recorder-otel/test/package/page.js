/** A page without a bundler: `SessionReplay` is the global of the script before this one. */
const ingest = new globalThis.URLSearchParams(globalThis.location.search).get('ingest');
const { provider, replay } = globalThis.SessionReplay.startSessionReplay({
  serviceName: 'script-tag',
  url: ingest,
  flushIntervalMs: 200,
});
provider.getTracer('page').startSpan('work').end();
Object.assign(globalThis, { replay });
