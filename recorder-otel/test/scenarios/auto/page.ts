import { startSessionReplay } from 'recorder-otel/auto';

const settings = new URLSearchParams(location.search);
const started = startSessionReplay({
  serviceName: 'shop-web',
  url: new URL(settings.get('ingest')!).origin,
  propagateTraceHeaderCorsUrls: [/^http:\/\/127\.0\.0\.1/],
  resourceAttributes: { 'service.version': '1.2.3' },
  flushIntervalMs: 200,
});
Object.assign(window, { started });
document.querySelector('button')?.addEventListener('click', () => {
  void fetch('/api/echo').then(async (response) => {
    document.querySelector('output')!.textContent = response.ok ? await response.text() : 'failed';
  });
});
