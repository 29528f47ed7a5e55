/** Fonts, pictures of style sheets and symbols: once, bounded, public, and nothing of what is masked. */
import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import type { RecordedAsset } from '@otel-replay/protocol';
import { expect, test } from 'vitest';
import { scenario } from '../../support/scenario.js';

const asset = (name: string): Buffer =>
  readFileSync(new URL(`../../../../bench/fidelity/assets/${name}`, import.meta.url));
const PNG = asset('photo.png');
const TEXT = 'ZxDrawnSecretQv';
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" aria-label="${TEXT}"><!-- ${TEXT} -->
  <title>${TEXT}</title><symbol id="star" viewBox="0 0 9 9"><desc>${TEXT}</desc>
  <path d="M0 0h9v9z" data-who="${TEXT}" onclick="x()"/><text>${TEXT}</text></symbol>
  <symbol id="unused"><rect width="5"/></symbol></svg>`;
const cookies: string[] = [];
const asked: string[] = [];

function file(type: string, body: string | Buffer): RequestListener {
  return (request, response) => {
    asked.push(request.url!);
    if (request.headers['sec-fetch-dest'] === 'empty') cookies.push(String(request.headers.cookie));
    response.writeHead(200, { 'Content-Type': type, 'Cache-Control': 'no-store' }).end(body);
  };
}

const run = scenario(import.meta.url, {
  html: `<!doctype html><style>
    @font-face { font-family: Blocks; src: url(/blocks.ttf) }
    @font-face { font-family: Mine; src: url(/mine.ttf?who=${TEXT}) }
    @font-face { font-family: Large; src: url(/large.ttf) }
    @font-face { font-family: Page; src: url(/page.ttf) }
    .shown { background: url(/shown.png) } .shown::before { content: url(/before.svg) }
    .masked { background: url(/masked.png) } .both { background: url(/both.png) }
    .token { background: url(/8f14e45fceea167a5a36dedd4bea2543/t.png) } .big { background: url(/big.png) }
    </style><p style="font-family: Blocks, Mine, Large, Page">t</p>
    <p style="font-family: Mine">t</p><p style="font-family: Large">t</p><p style="font-family: Page">t</p>
    <main data-replay-unmask><div class="shown">s</div><div class="both">b</div>
    <div class="token">t</div><div class="big">b</div><svg><use href="/sprite.svg#star"/></svg></main>
    <div class="masked">m</div><div class="both">b</div><svg><use href="/hidden.svg#star"/></svg>
    <script src="/app.js"></script>`,
  routes: {
    '/blocks.ttf': file('application/x-any', asset('blocks.ttf')),
    '/mine.ttf': file('font/ttf', asset('blocks.ttf')),
    '/large.ttf': file('font/ttf', Buffer.concat([asset('blocks.ttf'), Buffer.alloc(20_000)])),
    '/page.ttf': file('font/ttf', `<!doctype html>${TEXT}`),
    '/before.svg': file('image/svg+xml', SVG),
    '/sprite.svg': file('image/svg+xml', SVG),
    '/hidden.svg': file('image/svg+xml', SVG.replace('h9v9', 'h8v8')),
    '/big.png': file('image/png', Buffer.concat([PNG, Buffer.alloc(20_000)])),
    ...Object.fromEntries(
      ['/shown.png', '/masked.png', '/both.png', '/8f14e45fceea167a5a36dedd4bea2543/t.png'].map(
        (path) => [path, file('image/png', PNG)],
      ),
    ),
  },
});

async function assets(): Promise<RecordedAsset[]> {
  const all = await Promise.all(run.ingest.recordingIds.map((id) => run.ingest.events(id)));
  return all.flat().flatMap(({ type, data }) => {
    const { tag, payload } = (data ?? {}) as { tag?: string; payload?: RecordedAsset };
    return type === 5 && tag === 'session_replay.asset' ? [payload!] : [];
  });
}
const names = async (): Promise<string[]> =>
  (await assets()).map(({ kind, url }) => `${kind} ${url.slice(run.site.origin.length)}`).sort();

const ALL = [
  'font /blocks.ttf',
  'picture /before.svg',
  'picture /shown.png',
  'symbol /sprite.svg#star',
];

test('files that the page shows come along, once in a session', async () => {
  await run.context.addCookies([{ name: 'who', value: TEXT, url: run.site.origin }]);
  const page = await run.open();
  const complete = async (): Promise<boolean> => {
    await page.evaluate('replay.forceFlush()');
    return (await assets()).length >= ALL.length;
  };
  await run.ingest.until(complete);
  // Whatever comes later would come with the next checkpoint.
  await page.evaluate('document.body.append("more")');
  await page.reload();
  const pages = run.ingest.recordingIds.length;
  await run.ingest.until(async () => {
    await page.evaluate('replay.forceFlush()');
    return run.ingest.recordingIds.length > pages;
  });
  // The second page has looked at all of its files when it has asked for the last one.
  await run.ingest.until(() => asked.filter((path) => path === '/sprite.svg').length >= 4);
  await page.evaluate('replay.forceFlush()');
  expect(await names()).toEqual(ALL);
  const found = await assets();
  const text = JSON.stringify(found) + decodeURIComponent(JSON.stringify(found));
  expect(text).not.toContain(TEXT);
  expect(text).not.toContain('onclick');
  expect(found.find(({ kind }) => kind === 'symbol')).toEqual({
    kind: 'symbol',
    url: `${run.site.origin}/sprite.svg#star`,
    symbol: ['symbol', { id: 'star', viewBox: '0 0 9 9' }, [['path', { d: 'M0 0h9v9z' }, []]]],
  });
  const font = found.find(({ kind }) => kind === 'font') as { data: string };
  expect(font.data).toBe(`data:font/ttf;base64,${asset('blocks.ttf').toString('base64')}`);
  expect(found.filter(({ kind }) => kind === 'picture')).toMatchObject(
    expect.arrayContaining([
      expect.objectContaining({ data: expect.stringMatching(/^data:image\/webp/) as string }),
      expect.objectContaining({ data: expect.stringMatching(/^data:image\/svg\+xml,/) as string }),
    ]) as object,
  );
  // What everybody gets: no cookie goes along.
  expect(new Set(cookies)).toEqual(new Set(['undefined']));
  expect(await page.evaluate('errors')).toEqual([]);
  expect(run.pageErrors).toEqual([]);
});
