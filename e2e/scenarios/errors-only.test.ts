/**
 * Only sessions with an error are kept. The browser's own errors are ignored here, so that the
 * decision is made when the shop's spans reach the processor, which these tests delay. Windows are
 * short by configuration; what is asserted holds however slow the machine is.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import type { Problem, SessionManifest } from '@otel-replay/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventsOf, segmentId } from '../harness/api.js';
import { launchBrowser, openPage } from '../harness/browser.js';
import { eventually } from '../harness/eventually.js';
import { expectReplayed, lookAt } from '../harness/moment.js';
import { segmentsOfRequest, spansOfRequest } from '../harness/otlp.js';
import type { Exchange } from '../harness/recording-proxy.js';
import { readBack, segmentsIn, startsPlayable } from '../harness/segments.js';
import { System } from '../harness/system.js';
import { Viewer } from '../harness/viewer.js';
import { fillCheckout, payAndFail, putIntoCart } from '../harness/visitor.js';

const PRE_ROLL_MS = 2000;
const RECORD_FOR_MS = 3000;
const LATE_MS = 4000;
const WAIT = { timeoutMs: 60_000 };

/** JSON is YAML. */
const config = (windows: Readonly<Record<string, string>>): string =>
  JSON.stringify({
    processors: {
      session_replay: {
        ...windows,
        policies: [
          { name: 'errors', type: 'status_code', status_code: { status_codes: ['ERROR'] } },
          { name: 'not of browsers', type: 'ignore', ignore: { origin: 'browser' } },
        ],
      },
    },
  });
/** What nobody wants is gone soon. */
const FORGETFUL = config({
  pre_roll: '1s',
  decision_wait: '1s',
  checkpoint_interval: '1s',
  session_idle_timeout: '1s',
});
/** An error may be very late: on a busy machine it is. */
const PATIENT = config({
  pre_roll: `${PRE_ROLL_MS}ms`,
  record_for: `${RECORD_FOR_MS}ms`,
  decision_wait: '60s',
});

let system: System;
let browser: Browser;

beforeAll(async () => {
  system = await System.start(FORGETFUL);
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await system?.stop();
});

/** A person in the shop, and where their requests begin. */
interface Visit {
  page: Page;
  from: number;
  /** When the failure was asked for, and its trace. */
  errorAt: number;
  traceId: string;
  sessionId: string;
}

const FILTERS = ['ceramics', 'tea', 'tools', 'gifts', 'all'];

async function lookAround(page: Page, until: () => boolean | Promise<boolean>): Promise<void> {
  await page.goto(system.shopUrl);
  for (let i = 0; !(await until()); i++) {
    await page.click(`[data-filter="${FILTERS[i % FILTERS.length] ?? 'all'}"]`);
    await sleep(100);
  }
}

/** @param beforeFailing called when all is filled in */
async function visitAndFail(beforeFailing: () => void = () => undefined): Promise<Visit> {
  const from = system.proxy.exchanges.length;
  const { page } = await openPage(await browser.newContext());
  const begin = Date.now();
  await lookAround(page, () => Date.now() > begin + PRE_ROLL_MS + 1000);
  await putIntoCart(page, system.shopUrl, 'gift-card');
  await page.goto(`${system.shopUrl}/checkout`);
  await fillCheckout(page);
  beforeFailing();
  const errorAt = Date.now();
  const traceId = await payAndFail(page);
  const sessionId = segmentsIn(system.proxy.exchanges.slice(from))[0]?.header.sessionId ?? '';
  return { page, from, errorAt, traceId, sessionId };
}

/** Goes on until what is kept after the error is over; resolves to what is kept then. */
async function goOn({ page, from, sessionId }: Visit): Promise<SessionManifest> {
  const manifest = (): Promise<SessionManifest> =>
    eventually('the decision', () => system.api.manifest(sessionId), WAIT);
  await lookAround(page, async () => {
    const until = (await manifest()).decision?.keepUntil ?? Number.POSITIVE_INFINITY;
    return system.proxy.exchanges
      .slice(from)
      .some((exchange) => isAcknowledged(exchange) && (exchange.passedOnAt ?? 0) > until + 1000);
  });
  await page.context().close();
  return manifest();
}

const isAcknowledged = ({ method, status }: Exchange): boolean =>
  method === 'POST' && status === 200;

const namesTrace = (exchange: Exchange, traceId: string): boolean =>
  exchange.method === 'POST' &&
  spansOfRequest(exchange.body).some((span) => span.traceId === traceId);

async function expectKept(visit: Visit, manifest: SessionManifest): Promise<void> {
  const { errorAt, from, sessionId, traceId } = visit;
  const { decision } = manifest;
  expect(decision).toMatchObject({ policy: 'errors', traceId });
  const { decidedAt = 0, keepUntil = 0 } = decision ?? {};
  const kept = await readBack(system.api, sessionId);
  const ids = kept.map(segmentId);
  expect(new Set(ids).size).toBe(ids.length);
  const wanted = system.proxy.exchanges
    .slice(from)
    .filter(isAcknowledged)
    .filter(({ passedOnAt = 0 }) => passedOnAt >= decidedAt - PRE_ROLL_MS)
    .filter(({ answeredAt = 0 }) => answeredAt <= keepUntil)
    .flatMap(({ body }) => segmentsOfRequest(body).map(segmentId));
  expect(wanted.length).toBeGreaterThan(0);
  expect(wanted.filter((id) => !ids.includes(id))).toEqual([]);
  const times = (await eventsOf(kept)).map(({ timestamp }) => timestamp);
  expect(Math.min(...times)).toBeLessThanOrEqual(errorAt - PRE_ROLL_MS);
  expect(Math.max(...times)).toBeGreaterThanOrEqual(errorAt + RECORD_FOR_MS);
  for (const { gaps, recordingId } of manifest.recordings) {
    expect(gaps).toEqual([]);
    const events = await eventsOf(await system.api.segments(sessionId, recordingId));
    expect(startsPlayable(events)).toBe(true);
  }
}

async function filesIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((e) => e.isFile()).map((e) => join(e.parentPath, e.name));
}

it('leaves nothing of a session without an error, and the viewer says who was asked', async () => {
  const { page } = await openPage(await browser.newContext());
  await putIntoCart(page, system.shopUrl, 'bamboo-whisk');
  const traceId = await eventually(
    'the trace of a request',
    () =>
      system.proxy.acknowledged
        .flatMap(({ body }) => spansOfRequest(body))
        .find(({ name }) => name !== 'session_replay.segment' && name.includes('cart'))?.traceId,
  );
  await page.context().close();
  const problem = await eventually(
    'the end of the session',
    async () => {
      const response = await fetch(`${system.viewerUrl}/api/v1/traces/${traceId}`);
      const body = (await response.json()) as Problem;
      return body.reason === 'sampled_out' && body;
    },
    WAIT,
  );
  expect(problem.policies).toEqual(['errors']);
  expect(segmentsIn(system.proxy.acknowledged).length).toBeGreaterThan(0);
  expect(await filesIn(system.storeDirectory)).toEqual([]);

  const { page: viewing } = await openPage(await browser.newContext());
  await viewing.goto(`${system.viewerUrl}/traces/${traceId}`);
  const message = viewing.locator('[data-testid="state-message"][data-reason="sampled_out"]');
  await message.waitFor();
  expect(await message.getByTestId('asked-policies').textContent()).toContain('errors');
  await viewing.context().close();
  expect(await system.stopProcessor('SIGTERM')).toBe(0);
  expect(await filesIn(system.storeDirectory)).toEqual([]);
  await system.startProcessor(PATIENT);
});

it('keeps what was before and after a checkout that fails in the backend', async () => {
  const visit = await visitAndFail();
  const moment = await lookAt(visit.page);
  const manifest = await goOn(visit);
  await expectKept(visit, manifest);
  const viewer = new Viewer(await browser.newPage(), system.viewerUrl);
  await viewer.openTrace(visit.traceId);
  await expectReplayed(viewer, visit.sessionId, moment);

  // What was under way when the page was closed may have come since.
  const { decision, segmentCount, signals } = await system.api.manifest(visit.sessionId);
  // The same spans once more: as from a sender that did not hear the answer.
  for (const { path, headers, body } of system.shopProxy.acknowledged) {
    const type = headers[headers.findIndex((name) => /^content-type$/i.test(name)) + 1] ?? '';
    const init = { method: 'POST', headers: { 'content-type': type }, body: new Uint8Array(body) };
    expect((await fetch(`${system.otlpUrl}${path}`, init)).status).toBe(200);
  }
  const again = await system.api.manifest(visit.sessionId);
  expect(again).toMatchObject({ decision, segmentCount });
  expect(again.signals).toEqual(signals);
  expect((await filesIn(system.storeDirectory)).length).toBeGreaterThan(0);
});

it('keeps the same when the error comes late', async () => {
  const visit = await visitAndFail(() => system.shopProxy.hold());
  await lookAround(visit.page, () => Date.now() > visit.errorAt + LATE_MS);
  system.shopProxy.release();
  const manifest = await goOn(visit);
  expect(manifest.decision?.decidedAt).toBeGreaterThan(visit.errorAt + LATE_MS);
  await expectKept(visit, manifest);
});

it('keeps the same when the error comes before the segments that name its trace', async () => {
  const visit = await visitAndFail(() => system.proxy.hold());
  const error = await eventually(
    'the error to arrive',
    () => system.shopProxy.acknowledged.find((one) => namesTrace(one, visit.traceId)),
    WAIT,
  );
  system.proxy.release();
  const manifest = await goOn(visit);
  await expectKept(visit, manifest);
  const named = system.proxy.exchanges
    .slice(visit.from)
    .filter(({ body, method }) => method === 'POST' && body.length > 0)
    .filter(
      (one) =>
        namesTrace(one, visit.traceId) ||
        segmentsOfRequest(one.body).some(({ header }) => header.traceIds.includes(visit.traceId)),
    );
  expect(named.length).toBeGreaterThan(0);
  for (const { passedOnAt = 0 } of named) {
    expect(passedOnAt).toBeGreaterThanOrEqual(error.answeredAt ?? Number.POSITIVE_INFINITY);
  }
});
