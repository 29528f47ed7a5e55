/**
 * The optional extras of the recorder: the session travels in `tracestate` to a backend that knows
 * nothing of it, and back in what that backend exports.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SessionManifest } from '@otel-replay/protocol';
import {
  startProcessor,
  type Processor,
} from '../../../collector-processor/test/support/processor.js';
import { Ingest, type IngestRequest } from '../../../recorder-otel/test/support/ingest.js';
import { segmentsOf, type WireSpan } from '../../../recorder-otel/test/support/otlp.js';
import { Site } from '../../../recorder-otel/test/support/site.js';
import { launchBrowser, openPage } from '../../harness/browser.js';
import { eventually } from '../../harness/eventually.js';
import { NodeProcess } from '../../harness/process.js';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const TIMEOUT = { timeoutMs: 60_000 };
const ERRORS_ONLY = `
processors:
  session_replay:
    policies: [{ name: errors, type: status_code, status_code: { status_codes: [ERROR] } }]
`;

let browser: Browser;
let site: Site;
/** What the page sends, and what the backend sends. */
let pageIngest: Ingest;
let backendIngest: Ingest;
const ends: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  browser = await launchBrowser();
  site = new Site({
    script: here('./page.ts'),
    html: `<!doctype html><button>Order</button><output></output><script src="/app.js"></script>`,
  });
  await site.start();
});
afterAll(async () => {
  await browser?.close();
  await site?.stop();
});
beforeEach(async () => {
  pageIngest = new Ingest();
  backendIngest = new Ingest();
  await pageIngest.start();
  await backendIngest.start();
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  await pageIngest?.stop();
  await backendIngest?.stop();
});

/** Its address. */
async function startBackend(allowHeaders: string): Promise<string> {
  const backend = new NodeProcess({
    name: 'backend',
    args: [here('./backend.mjs')],
    env: {
      OTEL_SERVICE_NAME: 'payments',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: backendIngest.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_BSP_SCHEDULE_DELAY: '100',
      ALLOW_HEADERS: allowHeaders,
    },
  });
  ends.push(() => backend.stop('SIGKILL'));
  return eventually(
    'the backend',
    () => {
      backend.assertRunning();
      const port = /^port (\d+)$/m.exec(backend.output)?.[1];
      return port && `http://127.0.0.1:${port}`;
    },
    TIMEOUT,
  );
}

/** The page, once the first pieces of its recording were sent: before it has made any trace. */
async function openRecorded(backend: string): Promise<Page> {
  const context = await browser.newContext();
  ends.push(() => context.close());
  const { page } = await openPage(context);
  await page.goto(site.page(pageIngest.url, { backend }));
  await pageIngest.until(() => pageIngest.segments.length > 0, 60_000);
  return page;
}

async function order(page: Page): Promise<string> {
  await page.click('button');
  const output = page.locator('output:not(:empty)');
  await output.waitFor({ timeout: 60_000 });
  return (await output.textContent()) ?? '';
}

const isError = (span: WireSpan): boolean => span.name === 'charge the card';

describe('the session in the trace state', () => {
  it('is in what a stock backend exports, and is all that the processor needs', async () => {
    const backend = await startBackend('traceparent, tracestate, baggage');
    const page = await openRecorded(backend);
    const before = pageIngest.requests.length;
    const asked = page.waitForRequest((r) => r.url().endsWith('/order') && r.method() === 'GET');
    expect(await order(page)).toBe('402');
    const sessionId = String(await page.evaluate('replay.sessionId'));
    const headers = await (await asked).allHeaders();
    expect(headers['tracestate']).toBe(`sr=${sessionId}`);
    expect(headers['baggage']).toBe(`session.id=${sessionId}`);

    await backendIngest.until(() => backendIngest.spans.some(isError), 60_000);
    const [failed] = backendIngest.spans.filter(isError);
    expect(failed?.traceState).toBe(`sr=${sessionId}`);
    expect(failed?.attributes.size, 'nothing else says whose it is').toBe(0);
    expect(headers['traceparent']).toContain(failed?.traceId);

    const recorded = pageIngest.requests.slice(0, before);
    expect(segmentsOf(recorded.flatMap((r) => r.spans)).flatMap((s) => s.header.traceIds)).toEqual(
      [],
    );
    const directory = await mkdtemp(join(tmpdir(), 'trace-state-'));
    ends.push(() => rm(directory, { recursive: true }));
    const processor = await startProcessor({ directory, config: ERRORS_ONLY });
    ends.push(() => processor.stop());
    for (const request of [...recorded, ...backendIngest.requests]) await pass(processor, request);
    const manifest = await eventually('the replay', () => read(processor, sessionId), TIMEOUT);
    expect(manifest.decision).toMatchObject({
      policy: 'errors',
      reason: 'a span ended with status ERROR: charge the card',
      traceId: failed?.traceId,
      spanId: failed?.spanId,
    });
    expect(manifest.segmentCount).toBeGreaterThan(0);
  });

  it('fails requests to an origin that does not allow the header, before they are sent', async () => {
    const backend = await startBackend('traceparent, baggage');
    const page = await openRecorded(backend);
    expect(await order(page)).toBe('the browser refused');
  });
});

/** The same bytes, to the processor. */
async function pass(processor: Processor, { body, headers }: IngestRequest): Promise<void> {
  const response = await fetch(`${await processor.url('otlp')}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': headers['content-type'] ?? '' },
    body: new Uint8Array(body),
  });
  expect(response.status).toBe(200);
}

async function read(processor: Processor, sessionId: string): Promise<SessionManifest | undefined> {
  const response = await fetch(`${await processor.url('replay_api')}/api/v1/sessions/${sessionId}`);
  return response.ok ? ((await response.json()) as SessionManifest) : undefined;
}
