/** Records each page in both ways, replays it, and says how alike it looks. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { segmentsFile } from '../../player/test/one-segment.js';
import { CHROMIUM_ARGS, CHROMIUM_PATH } from '../../recorder-otel/test/support/chromium.js';
import { Ingest } from '../../recorder-otel/test/support/ingest.js';
import type { WireSegment } from '../../recorder-otel/test/support/otlp.js';
import { drive, type Feature } from './feature.js';
import type { RecordedWindow } from './in-recorded-page.js';
import type { ReplayingWindow } from './in-replaying-page.js';
import { scoreOf, type Look, type Score } from './score.js';
import { FidelitySite } from './site.js';

export interface Row {
  feature: Feature;
  /** Absent where only ours was looked at. */
  bare?: Score;
  ours: Score;
}

export interface MatrixOptions {
  features: readonly Feature[];
  /** Without bare rrweb: half the time. */
  oursOnly?: boolean;
  /** Pages that are open at once: most of the time goes by waiting. */
  atOnce?: number;
  /** Keeps the pictures there. */
  shots?: string;
  onRow?: (row: Row) => void;
}

const SIZE = { width: 640, height: 420 };
/** Styles settle, pictures are decoded, pointers are told. */
const SETTLE_MS = 700;

export async function runMatrix({
  features,
  oursOnly = false,
  atOnce = 4,
  shots,
  onRow,
}: MatrixOptions): Promise<Row[]> {
  const site = new FidelitySite(features);
  await site.start();
  const browser = await chromium.launch({
    executablePath: CHROMIUM_PATH,
    args: [...CHROMIUM_ARGS],
  });
  const rows = new Map<string, Row>();
  const left = [...features];
  const work = async (): Promise<void> => {
    // Somebody else watches: without the settings of who was recorded.
    const viewer = await browser.newPage({ viewport: SIZE });
    for (let feature = left.shift(); feature !== undefined; feature = left.shift()) {
      const row: Row = {
        feature,
        ours: await scoreWay({ browser, viewer, site, feature, way: 'ours', shots }),
        ...(oursOnly
          ? {}
          : { bare: await scoreWay({ browser, viewer, site, feature, way: 'bare', shots }) }),
      };
      rows.set(feature.name, row);
      onRow?.(row);
    }
  };
  try {
    await Promise.all(Array.from({ length: atOnce }, work));
  } finally {
    await browser.close();
    site.stop();
  }
  return features.map(({ name }) => rows.get(name)!);
}

interface OneWay {
  browser: Browser;
  /** Opened once: most of the time goes into loading a player. */
  viewer: Page;
  site: FidelitySite;
  feature: Feature;
  way: 'bare' | 'ours';
  shots: string | undefined;
}

/** Events of bare rrweb, as JSON, or the segments that the recorder sent. */
type Recorded = string | readonly WireSegment[];

async function scoreWay(one: OneWay): Promise<Score> {
  const { site, feature, viewer, way, shots } = one;
  const { recorded, live } = await recordLive(one);
  site.forget(feature.name, way);
  const replayed = await replay(one, recorded, live);
  if (shots !== undefined) {
    mkdirSync(shots, { recursive: true });
    writeFileSync(join(shots, `${feature.name}-${way}-live.png`), live.shot);
    writeFileSync(join(shots, `${feature.name}-${way}.png`), replayed.shot);
  }
  return scoreOf(viewer, live, replayed);
}

async function recordLive({
  browser,
  site,
  feature,
  way,
}: OneWay): Promise<{ recorded: Recorded; live: Look }> {
  const { colorScheme, reducedMotion } = feature;
  const context = await browser.newContext({
    viewport: SIZE,
    colorScheme: colorScheme ?? 'light',
    reducedMotion: reducedMotion ?? 'no-preference',
  });
  const ingest = new Ingest();
  await ingest.start();
  try {
    const page = await context.newPage();
    const query = way === 'ours' ? `?ingest=${encodeURIComponent(ingest.url)}` : '';
    await page.goto(site.pageUrl(feature.name, way) + query);
    await page.waitForFunction(() =>
      (globalThis as unknown as RecordedWindow).recorded?.isRecording(),
    );
    await drive(page, feature.steps);
    await page.waitForTimeout(SETTLE_MS);
    const shot = await page.screenshot();
    const nodes = await page.evaluate(() =>
      (globalThis as unknown as RecordedWindow).recorded!.look(),
    );
    const json = await page.evaluate(() =>
      (globalThis as unknown as RecordedWindow).recorded!.finish(),
    );
    const { told } = feature;
    if (json === undefined && told !== undefined) {
      await ingest.until(async () => {
        await page.evaluate(() => (globalThis as unknown as RecordedWindow).recorded!.finish());
        return JSON.stringify(await ingest.events()).includes(told);
      });
    }
    return { recorded: json ?? ingest.segments, live: { shot, nodes } };
  } finally {
    await context.close();
    await ingest.stop();
  }
}

async function replay(
  { site, viewer: page }: OneWay,
  recorded: Recorded,
  live: Look,
): Promise<Look> {
  await page.setViewportSize(SIZE);
  // Bare rrweb gets a page of its own each time.
  if (typeof recorded === 'string' || page.url() !== site.replayUrl)
    await page.goto(site.replayUrl);
  await page.waitForFunction(() => Object.hasOwn(globalThis, 'replaying'));
  if (typeof recorded === 'string') {
    await page.evaluate(
      (json) => (globalThis as unknown as ReplayingWindow).replaying.bare(json),
      recorded,
    );
  } else {
    const file = segmentsFile(recorded);
    const path = site.keep(Buffer.from(await file.arrayBuffer()));
    const status = await page.evaluate(
      ([url, { width, height }]) =>
        (globalThis as unknown as ReplayingWindow).replaying.ours(url, width, height),
      [path, SIZE] as const,
    );
    if (status !== 'paused') throw new Error(`the replay is ${status}`);
  }
  await page.waitForTimeout(SETTLE_MS);
  const { width, height } = sizeOf(live.shot);
  await page.setViewportSize({ width, height });
  const shot = await page.screenshot();
  const nodes = await page.evaluate(
    (ids) => (globalThis as unknown as ReplayingWindow).replaying.look(ids),
    Object.keys(live.nodes).map(Number),
  );
  return { shot, nodes };
}

/** Of a PNG. */
function sizeOf(png: Buffer): { width: number; height: number } {
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20) };
}
