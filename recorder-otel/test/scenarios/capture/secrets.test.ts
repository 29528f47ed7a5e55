/** Secrets in every place that sources and triggers look at: none of them leaves the browser. */
import type * as Api from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { scenario } from '../../support/scenario.js';
import { createSecrets, everythingSent, findLeaks } from '../../support/secrets.js';

const secrets = createSecrets();
const { at } = secrets;

const run = scenario(import.meta.url, {
  html: `<!doctype html><title>${at('Title')}</title>
    <button id="dead" title="${at('Clicktitle')}" name="${at('Clickname')}">${at('Clicktext')}</button>
    <h1 style="font-size: 60px">${at('Largest')}</h1><script src="/app.js?key=${at('Scriptquery')}"></script>`,
  routes: {
    '/timed': (_request, response) => {
      const words = [`db;desc="${at('Timing')}"`, `${at('Timingname')};dur=5`];
      response.setHeader('Server-Timing', [
        ...words,
        `session-replay;desc="${at('Keep')}"`,
        `trace;desc="${at('Trace')}"`,
      ]);
      response.setHeader('traceresponse', at('Traceresponse'));
      response.end(at('Body'));
    },
    '/keep': (_request, response) => {
      response.setHeader('Server-Timing', `session-replay;desc="keep", x;desc="${at('Kept')}"`);
      response.writeHead(500).end(at('Failedbody'));
    },
  },
});

test('no secret of a request, an error, the console, a click or a measurement leaves the page', async () => {
  const levels = ['debug', 'log', 'info', 'warn', 'error'];
  const page = await run.open({
    options: JSON.stringify({
      capture: { console: { levels } },
      triggers: { deadClick: true, consoleError: true, freezeMs: 200 },
    }),
  });
  await page.evaluate('replay.addEvent("ready")');
  await run.ingest.until(() =>
    page.evaluate('/^function \\(\\)/.test(Function.prototype.toString.call(console.log))'),
  );
  const places = ['Query', 'Hash', 'Userinfo', 'Xhrquery', 'Thrown', 'Constructor', 'Symbol'];
  const more = ['Status', 'Errortype', 'Method', 'Headers', 'Rejected', 'Logged', 'Key', 'Getter'];
  const words = Object.fromEntries([...places, ...more].map((place) => [place, at(place)]));
  await page.evaluate(async (words) => {
    const { trace, SpanKind, replay, xhr } = window as unknown as typeof Api & {
      replay: { captureError(error: unknown): void };
      xhr: (url: string) => Promise<void>;
    };
    await fetch(`/timed?q=${words['Query']!}#${words['Hash']!}`);
    await fetch('/keep', { method: 'POST', headers: { 'x-a': words['Headers']! }, body: 'x' });
    await xhr(`/timed?q=${words['Xhrquery']!}`);
    const error = new Error(words['Thrown']);
    Object.defineProperty(error, 'constructor', { value: { name: words['Constructor'] } });
    replay.captureError(error);
    replay.captureError(words['Thrown']);
    replay.captureError({ name: `${words['Errortype']!} <b>`, message: words['Thrown'] });
    void Promise.reject(new Error(words['Rejected']));
    const span = trace.getTracer('page').startSpan('GET', {
      kind: SpanKind.CLIENT,
      attributes: {
        'http.request.method': `${words['Method']!} x`,
        'url.full': `https://me:${words['Userinfo']!}@127.0.0.1/`,
        'http.response.status_code': words['Status']!,
        'http.response.body.size': words['Status']!,
        'error.type': `${words['Errortype']!} x`,
        'http.response.header.traceresponse': [words['Status']!],
      },
    });
    span.recordException(error);
    span.end();
    for (const level of ['debug', 'log', 'info', 'warn', 'error'] as const) {
      window.console[level](words['Logged'], Symbol(words['Symbol']), {
        [words['Key']!]: words['Logged'],
        get of() {
          return words['Getter'];
        },
      });
    }
    document.querySelector('h1')!.addEventListener('click', () => {
      const end = performance.now() + 400;
      while (performance.now() < end);
    });
  }, words);
  await page.click('h1');
  await page.clock.install();
  await page.click('#dead');
  await page.clock.runFor(3100);
  await run.ingest.until(async () => {
    await page.evaluate('replay.forceFlush()');
    const tags = (await run.ingest.events()).map(({ data }) => (data as { tag?: string }).tag);
    return ['request', 'error', 'console', 'dead_click', 'backend_error', 'web_vital', 'freeze']
      .map((kind) => `session_replay.${kind}`)
      .every((tag) => tags.includes(tag));
  });
  await page.close({ runBeforeUnload: true });
  expect(findLeaks(await everythingSent(run.ingest), secrets.words)).toEqual([]);
  expect(secrets.words.size).toBeGreaterThan(25);
});
