/**
 * Secrets in every place a recorder can see, and the promise that none of them leaves the browser or
 * is stored in it: not in the raw bytes, not in what they stand for, not in another spelling. A new
 * capture path adds a line to places.ts or acts.ts; nothing in this file has to change for it.
 */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { scenario } from '../../support/scenario.js';
import {
  createSecrets,
  everythingSent,
  everythingStored,
  findLeaks,
  type Found,
} from '../../support/secrets.js';
import { use, write } from './acts.js';
import { canaryPage, drawing } from './places.js';

const secrets = createSecrets();
const { at } = secrets;
const css = (word: string): { type: string; body: string } => ({
  type: 'text/css',
  body: `.n::after { content: "${word}"; list-style-type: "${word}" }`,
});
const svg = (name: string): { type: string; body: string } => ({
  type: 'image/svg+xml',
  body: drawing(secrets, name),
});
const run = scenario(import.meta.url, {
  html: canaryPage(secrets),
  routes: {
    '/frame': {
      type: 'text/html',
      body: `<!doctype html><title>t</title><p>${at('Framedoc')}</p>`,
    },
    // Else they would be the page itself, again and again.
    '/o': { type: 'text/plain', body: at('Objectbody') },
    '/e': { type: 'text/plain', body: at('Embedbody') },
    '/pic/masked.svg': svg('Maskedfile'),
    '/pic/shown.svg': svg('Shownfile'),
    [`/pic/${at('Picturename')}@example.com.svg`]: svg('Namedfile'),
    '/sheet.css': css(at('Linkedcontent')),
    '/imported.css': css(at('Importedcontent')),
    '/t.vtt': { type: 'text/vtt', body: `WEBVTT\n\n00:00.000 --> 00:09.000\n${at('Cuetext')}\n` },
  },
});
/** The test's own. */
const OWN = ['localStorage.x'];

/** What must have come through, or the search looked at nothing. */
const SEEN = [
  'Public words',
  'Public link',
  '/public"',
  'session_replay.navigation',
  'session_replay.error',
  'session_replay.request',
  'session_replay.console',
  '"isAttachIframe":true',
  '"source":5',
  '"source":15',
];

/** By options that ask for it. */
const SEEN_MORE = ['"src":"data:image/webp', 'session_replay.asset', 'data:image/svg+xml'];
/** What is said to be recorded as it is. */
const ASKED = /^ZxConsole(log|error|object)Qv$/;

const textOf = (found: readonly Found[]): string =>
  found
    .filter(({ where }) => where.endsWith('decoded'))
    .map(({ bytes }) => bytes.toString())
    .join('\n');

/** Everything once more, in a snapshot of what the page has become. */
async function checkpoint(page: Page): Promise<void> {
  const before = run.ingest.recordingIds;
  await page.evaluate('replay.stop(); replay.start()');
  await run.ingest.until(async () => {
    await page.evaluate('replay.forceFlush()');
    return run.ingest.segments.some(
      ({ header }) => header.hasFullSnapshot && !before.includes(header.recordingId),
    );
  });
}

test.each([
  ['', {}, SEEN],
  [', with all that can be recorded besides', { more: '1' }, [...SEEN, ...SEEN_MORE]],
])('none of the secrets of a page leaves it, in any spelling%s', async (_name, settings, seen) => {
  const page = await run.open({ ...settings, token: at('Pagequery') });
  const words = [...secrets.words].filter((word) => !('more' in settings && ASKED.test(word)));
  await run.ingest.until(() => run.ingest.segments.length > 0);
  await use(page, secrets);
  await write(page, secrets);
  // Spans of requests end a while after their answers.
  await run.ingest.until(async () => {
    await page.evaluate('replay.forceFlush()');
    const text = textOf(await everythingSent(run.ingest));
    return seen.every((one) => text.includes(one));
  });
  await checkpoint(page);
  expect(findLeaks(await everythingStored(page, OWN), words)).toEqual([]);
  await page.close({ runBeforeUnload: true });

  const found = await everythingSent(run.ingest);
  const text = textOf(found);
  for (const one of seen) expect([one, text.includes(one)]).toEqual([one, true]);
  expect(findLeaks(found, words)).toEqual([]);
  // The search finds what is there.
  expect(findLeaks(found, secrets.words).length > 0).toBe('more' in settings);
  // Partly typed secrets would be caught by their beginning.
  expect(/ZxT|ZxSh/.exec(text)).toBe(null);
  expect(secrets.words.size).toBeGreaterThan(280);
});

test('none is stored while nothing may leave, or cannot', async () => {
  const words = [...secrets.words].filter((word) => !ASKED.test(word));
  run.ingest.behaviour = { status: 503 };
  const live = async (settings: Record<string, string>): Promise<void> => {
    const page = await run.open({ ...settings, more: '1', token: at('Pagequery') });
    await use(page, secrets);
    await write(page, secrets);
    await page.evaluate('replay.forceFlush()');
    // The next page of the same site finds what the first one left behind.
    await page.reload();
    await page.mouse.click(3, 3);
    const stored = await everythingStored(page, OWN);
    expect(stored.length).toBeGreaterThan(0);
    expect(findLeaks(stored, words)).toEqual([]);
    await page.close({ runBeforeUnload: true });
  };
  // Held in the browser until there is a trigger, and streamed, both with nobody to receive it.
  await Promise.all([live({ buffer: '1' }), live({})]);
  // What was refused has left the browser all the same.
  const sent = await everythingSent(run.ingest);
  expect(sent.length).toBeGreaterThan(0);
  expect(findLeaks(sent, words)).toEqual([]);
});

/** What users enter, and what only those who wrote it may see, whatever the policy. */
const TYPED =
  /^Zx(Typed|Shown|Pasted|File|Value(?!text)|Setvalue|Areatext|Textarea|Secretarea|Pin|Picked|Hidden|Unmaskedhidden|Password|Movedtext|Editable|Shadowinput|Blockedinput)/;
const SECRET =
  /^Zx\w*(url|query|hash|fragment|token|mail|Userinfo|Csrf|Unmaskedmeta|Comment|script|Requestbody|Requestheader|Stored|Cookie|Pushstate|Errormessage|Rejection|Console\w*|Blocked\w*|Remasked|Tie|Clobbered)Qv/;
const MEDIA =
  /^Zx(Maskedfile|Namedfile|Alt|Img|Srcset|Picturealt|Poster|Video(?!fallback)|Track|Object(?!fallback)|Embed|Svgimage)/;
const ATTRIBUTE =
  /^Zx\w*(attr|Ariala\w+|Titleattr|Valuetext|Linktitle|Foreigntitle|Placeholder|Datalist|\w+ofp|Htmldata|Optionlabel|Optgroup|Unknown)Qv/;

test.each([
  ['public-text', [TYPED, SECRET, MEDIA, ATTRIBUTE]],
  ['mask-inputs', [TYPED, SECRET]],
] as const)('under %s nothing leaves that it says is masked', async (policy, kinds) => {
  const page = await run.open({ policy, more: '1' });
  await use(page, secrets);
  await checkpoint(page);
  await page.close({ runBeforeUnload: true });
  const found = await everythingSent(run.ingest);
  const text = textOf(found);
  // The page's own words, which these policies are for.
  expect(text.includes(at('Text'))).toBe(true);
  expect(text.includes(at('Titleattr'))).toBe(policy === 'mask-inputs');
  expect(run.ingest.segments[0]!.header.masking).toBe(policy);
  const hidden = [...secrets.words].filter((word) => kinds.some((kind) => kind.test(word)));
  expect(hidden.length).toBeGreaterThan(50);
  expect(findLeaks(found, hidden)).toEqual([]);
});
