/**
 * Recorders of others, from npm, at the versions of peers/package.json. Each records every session,
 * masks as it does by default and sends to the sink; the README says what was set and why.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync, inflateSync } from 'node:zlib';
import type { Received } from './sink.js';
import type { Variant } from './variant.js';

const FOLDER = fileURLToPath(new URL('./peers/', import.meta.url));

export const peersAreInstalled = (): boolean => existsSync(`${FOLDER}node_modules/posthog-js`);

/** False where they are not installed and no registry is in reach. */
export function installPeers(): boolean {
  if (peersAreInstalled()) return true;
  try {
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: FOLDER,
      stdio: 'ignore',
      timeout: 300_000,
    });
    return true;
  } catch {
    return false;
  }
}

const decode = (requests: Received[]): string => requests.map(textOf).join('\n');

function textOf({ body, path, contentEncoding }: Received): string {
  const gzip = contentEncoding === 'gzip' || path.includes('compression=gzip');
  // A Sentry envelope is lines of JSON, then the recording as zlib.
  const zlib = body.indexOf(Buffer.from([0x78, 0x9c]));
  try {
    if (gzip || body.readUInt16BE(0) === 0x1f8b) return gunzipSync(body).toString();
    if (zlib > 0) return inflateSync(body.subarray(zlib)).toString();
  } catch {
    // Then it is what it says.
  }
  return body.toString();
}

const peer = (
  name: string,
  source: string,
  isReplay: (request: Received) => boolean,
  more: Pick<Variant, 'decode' | 'unrecorded'>,
): Variant => ({ name, source, isReplay, decode, ...more, resolveDir: FOLDER, peer: true });

const to =
  (prefix: string) =>
  ({ path }: Received): boolean =>
    path.startsWith(`/sink/${prefix}`);

/** PostHog compresses the large parts of an event each for itself, as text of one byte a character. */
function decodePostHog(requests: Received[]): string {
  const inflate = (_: string, value: unknown): unknown =>
    typeof value === 'string' && value.startsWith('\x1f\x8b')
      ? (JSON.parse(gunzipSync(Buffer.from(value, 'latin1')).toString()) as unknown)
      : value;
  return requests.map((request) => JSON.stringify(JSON.parse(textOf(request), inflate))).join('\n');
}

/** A format of their own: every byte stands for an element, so that something is counted. */
const decodeSplunk = (requests: Received[]): string =>
  requests.map(({ body }) => '"tagName"'.repeat(body.length)).join('');

export const PEERS: readonly Variant[] = [
  peer(
    'sentry',
    `import * as Sentry from '@sentry/browser';
    globalThis.startRecorder = () => Sentry.init({
      dsn: location.origin.replace('//', '//key@') + '/sink/sentry/1',
      integrations: [Sentry.replayIntegration()],
      replaysSessionSampleRate: 1,
    });`,
    (request) => to('sentry/')(request) && request.body.includes('"replay_recording"'),
    {
      unrecorded: `import * as Sentry from '@sentry/browser';
        globalThis.startRecorder = () => Sentry.init({ dsn: 'https://key@example.com/1' });`,
    },
  ),
  peer(
    'posthog',
    `import 'posthog-js/dist/posthog-recorder';
    import posthog from 'posthog-js/dist/module.no-external';
    globalThis.startRecorder = () => posthog.init('phc_key', {
      api_host: location.origin + '/sink/posthog',
      autocapture: false,
      capture_pageview: false,
      // Headless browsers are taken for robots, whose events are dropped.
      opt_out_useragent_filter: true,
    });`,
    to('posthog/s/'),
    {
      decode: decodePostHog,
      unrecorded: `import posthog from 'posthog-js/dist/module.no-external';
        globalThis.startRecorder = () => posthog.init('phc_key', {});`,
    },
  ),
  peer(
    'faro',
    `import { getWebInstrumentations, initializeFaro } from '@grafana/faro-web-sdk';
    import { ReplayInstrumentation } from '@grafana/faro-instrumentation-replay';
    globalThis.startRecorder = () => initializeFaro({
      url: location.origin + '/sink/faro/collect',
      app: { name: 'bench' },
      instrumentations: [...getWebInstrumentations(), new ReplayInstrumentation()],
    });`,
    to('faro/'),
    {
      unrecorded: `import { getWebInstrumentations, initializeFaro } from '@grafana/faro-web-sdk';
        globalThis.startRecorder = () => initializeFaro({
          url: 'https://example.com', app: { name: 'bench' }, instrumentations: getWebInstrumentations(),
        });`,
    },
  ),
  peer(
    'splunk',
    `import SplunkOtelWeb from '@splunk/otel-web';
    import SplunkSessionRecorder from '@splunk/otel-web-session-recorder';
    globalThis.startRecorder = () => {
      const to = location.origin + '/sink/splunk/v1/';
      SplunkOtelWeb.init({ beaconEndpoint: to + 'rum', rumAccessToken: 'key', applicationName: 'bench', allowInsecureBeacon: true });
      // The registry has no pair of the same version; the recorder is told that it has.
      globalThis[Symbol.for('opentelemetry.js.api.1')]['splunk.rum.version'] = '3.1.0';
      SplunkSessionRecorder.init({ beaconEndpoint: to + 'rumreplay', rumAccessToken: 'key' });
    };`,
    to('splunk/v1/rumreplay'),
    {
      decode: decodeSplunk,
      unrecorded: `import SplunkOtelWeb from '@splunk/otel-web';
        globalThis.startRecorder = () => SplunkOtelWeb.init({ beaconEndpoint: 'https://example.com' });`,
    },
  ),
  peer(
    'hyperdx',
    `import HyperDX from '@hyperdx/browser';
    globalThis.startRecorder = () => HyperDX.init({
      apiKey: 'key',
      service: 'bench',
      url: location.origin + '/sink/hyperdx',
    });`,
    to('hyperdx/v1/logs'),
    {},
  ),
];
