/* eslint-disable @typescript-eslint/unbound-method -- what is wrapped is called with its own `this` */
import { SessionReplaySpanProcessor } from 'recorder-otel';

const settings = new URLSearchParams(location.search);
const workerUrl = settings.get('worker');
const errors: string[] = [];
const violations: string[] = [];
document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
  violations.push(effectiveDirective);
});
const urls = { made: 0, revoked: 0 };
const { createObjectURL, revokeObjectURL } = URL;
URL.createObjectURL = (object) => {
  urls.made++;
  return createObjectURL.call(URL, object);
};
URL.revokeObjectURL = (url) => {
  urls.revoked++;
  revokeObjectURL.call(URL, url);
};
const replay = new SessionReplaySpanProcessor({
  url: settings.get('ingest')!,
  flushIntervalMs: 200,
  ...(workerUrl && { workerUrl: workerUrl === 'false' ? false : workerUrl }),
  onError: (error, where) => errors.push(`${where}: ${String(error)}`),
});
let count = 0;
function change(): void {
  const line = document.createElement('p');
  line.textContent = `line ${count++} `.repeat(200);
  document.body.append(line);
}
Object.assign(window, { replay, errors, violations, urls, change });
