/** A page without a bundler: `SessionReplay` is the global of the script before this one. */
const ingest = new globalThis.URLSearchParams(globalThis.location.search).get('ingest');
const { provider, replay } = globalThis.SessionReplay.startSessionReplay({
  serviceName: 'script-tag',
  url: ingest,
  flushIntervalMs: 200,
  // The page's policy is in a header, which scripts cannot see: it allows no blob.
  workerUrl: false,
});
provider.getTracer('page').startSpan('work').end();
Object.assign(globalThis, { replay });
