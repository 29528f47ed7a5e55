/** A forged recording must not run anything, load anything, or reach the viewer's own origin. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  encodePayload,
  encodeRecord,
  segmentEntry,
  type ReplayEvent,
  type SessionManifest,
} from '@otel-replay/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ExportSource } from '../src/engine/client/export-source.js';
import { startRig, waitForState, type Rig } from './browser.js';
import { segmentHeader } from './recordings.js';
import { hostileEvents } from './hostile-events.js';

let rig: Rig;
let attacker: Server;
let attackerUrl: string;
const attackerRequests: string[] = [];

beforeAll(async () => {
  rig = await startRig();
  attacker = createServer((request, response) => {
    attackerRequests.push(request.url ?? '');
    response.writeHead(200, { 'access-control-allow-origin': '*' }).end('');
  });
  await new Promise<void>((resolve) => attacker.listen(0, '127.0.0.1', resolve));
  attackerUrl = `http://127.0.0.1:${(attacker.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await rig.stop();
  attacker.closeAllConnections();
  await new Promise((resolve) => attacker.close(resolve));
});

async function sessionOf(events: ReplayEvent[]): Promise<ExportSource> {
  const { header: payload, data } = await encodePayload(events, 'deflate-raw', 'rrweb-columnar');
  const header = segmentHeader({
    sessionId: 'hostile',
    recordingId: 'f'.repeat(32),
    checkpoint: 1,
    hasFullSnapshot: true,
    firstTimestamp: events[0]!.timestamp,
    lastTimestamp: events.at(-1)!.timestamp,
    eventCount: events.length,
    payload,
  });
  const { firstTimestamp, lastTimestamp, recordingId } = header;
  const manifest: SessionManifest = {
    version: 1,
    sessionId: 'hostile',
    firstTimestamp,
    lastTimestamp,
    state: 'ended',
    serviceNames: ['forged'],
    urls: [],
    recordingCount: 1,
    segmentCount: 1,
    bytes: data.length,
    errorCount: 0,
    clickCount: 0,
    rageClickCount: 0,
    traceCount: 0,
    recordings: [
      {
        recordingId,
        firstTimestamp,
        lastTimestamp,
        segments: [segmentEntry(header)],
        checkpoints: [firstTimestamp],
        gaps: [],
        blocks: [],
        clockSkewMs: 0,
      },
    ],
    traces: [],
    signals: [],
  };
  const file = [
    encodeRecord({ kind: 'manifest', header: manifest, payload: new Uint8Array(0) }),
    encodeRecord({ kind: 'segment', header, payload: data }),
  ];
  return ExportSource.open(new Blob(file as Uint8Array<ArrayBuffer>[]));
}

it.each([
  ['from its start', 0, false],
  ['after a seek, which takes another path through rrweb', 2500, false],
  ['in a host page without any policy', 0, true],
  ['in such a page after a seek', 2500, true],
])('runs no script and makes no request, played %s', async (_name, offsetMs, withoutPolicy) => {
  const events = hostileEvents(attackerUrl);
  rig.server.reset();
  rig.server.withoutPolicy = withoutPolicy;
  rig.server.sessions = [await sessionOf(events)];
  attackerRequests.length = 0;
  const page = await rig.newPage();
  const dialogs: string[] = [];
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  await page.addInitScript(() => {
    Object.assign(window, { pwned: [] });
  });
  const start = events[0]!.timestamp + offsetMs;
  await page.goto(`${rig.baseUrl}/sessions/hostile?t=${start}`);
  await waitForState(page, 'paused');
  await page.getByTestId('play-toggle').click();
  await waitForState(page, 'ended');
  await page.waitForTimeout(300);
  const replayed = await page.evaluate(() => {
    const frame = document.querySelector<HTMLIFrameElement>('[data-testid=replay-frame]');
    const inner = frame?.contentDocument?.querySelector<HTMLIFrameElement>('.slot iframe');
    const all = [...(inner?.contentDocument?.querySelectorAll('*') ?? [])];
    return {
      text: inner?.contentDocument?.body.textContent ?? '',
      passwords: all.filter((e) => e.getAttribute('type') === 'password').length,
      handlers: all.flatMap((e) => e.getAttributeNames()).filter((name) => name.startsWith('on')),
      sandbox: [frame?.getAttribute('sandbox'), inner?.getAttribute('sandbox')],
      pwned: (window as unknown as { pwned: string[] }).pwned,
    };
  });
  const own = rig.server.requests.map((r) => r.path);
  await page.close();
  expect(replayed.text).toContain('after all of it');
  expect(replayed.pwned).toEqual([]);
  expect(dialogs).toEqual([]);
  expect(attackerRequests).toEqual([]);
  expect(own.filter((path) => !/^\/(assets|api|sessions)\//.test(path))).toEqual([]);
  expect(own.filter((path) => path.includes('stolen'))).toEqual([]);
  expect(replayed.handlers).toEqual([]);
  expect(replayed.passwords).toBe(0);
  expect(replayed.sandbox).toEqual(['allow-same-origin', 'allow-same-origin']);
});
