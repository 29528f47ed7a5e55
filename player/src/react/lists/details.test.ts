import { expect, it } from 'vitest';
import { browserFacts, recorderFacts } from './environment-facts.js';
import { softwareOf } from './user-agent.js';

const WINDOW = { width: 1366.4, height: 850 };
const mozilla = (rest: string): string => `Mozilla/5.0 ${rest}`;

it.each([
  [
    '(X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
    'Chrome 142',
    'Linux',
  ],
  [
    '(Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0',
    'Edge 142',
    'Windows 10 or 11',
  ],
  [
    '(iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1',
    'Safari 17',
    'iOS 17.4',
  ],
  [
    '(Macintosh; Intel Mac OS X 10.15; rv:145.0) Gecko/20100101 Firefox/145.0',
    'Firefox 145',
    'macOS',
  ],
  [
    '(Linux; Android 14; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36',
    'Chrome 142',
    'Android 14',
  ],
  [
    '(X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/142.0.0.0 Safari/537.36',
    'Headless Chrome 142',
    'Linux',
  ],
])('knows %s', (text, browser, system) => {
  expect(softwareOf(mozilla(text))).toEqual({ browser, system });
});

it('does not guess', () => {
  expect(softwareOf('curl/8')).toEqual({ browser: undefined, system: undefined });
});

it('tells of the browser what the page said, before what its user agent claims', () => {
  const facts = Object.fromEntries(
    browserFacts(
      {
        'user_agent.original': mozilla('(X11; Linux x86_64) Chrome/142.0 Safari/537.36'),
        'os.name': 'Ubuntu',
        'os.version': '24.04',
        'session_replay.screen': '1920x1080',
      },
      WINDOW,
    ),
  );
  expect(facts).toMatchObject({
    Browser: 'Chrome 142',
    System: 'Ubuntu 24.04',
    Screen: '1920 × 1080 px',
    Window: '1366 × 850 px',
  });
});

it('tells only of the window where nothing else was stored', () => {
  expect(browserFacts({}, WINDOW).filter(([, value]) => value !== undefined)).toEqual([
    ['Window', '1366 × 850 px'],
  ]);
  expect(recorderFacts({}).filter(([, value]) => value !== undefined)).toEqual([]);
});

it('tells what recorded', () => {
  const facts = recorderFacts({
    'session_replay.recorder': 'recorder-otel/0.1.0',
    'telemetry.sdk.name': 'opentelemetry',
    'telemetry.sdk.version': '2.2.0',
    'telemetry.sdk.language': 'webjs',
    'service.version': '2026.3',
    'deployment.environment.name': 'production',
    'session_replay.mode': 'buffer',
    'session_replay.sample_rate': 0.05,
  });
  expect(Object.fromEntries(facts.filter(([, value]) => value !== undefined))).toEqual({
    Recorder: 'recorder-otel 0.1.0',
    'OpenTelemetry SDK': 'opentelemetry 2.2.0 (webjs)',
    'Service version': '2026.3',
    Deployment: 'production',
    Sent: 'once the browser saw a reason to',
    Sampled: '5 % of sessions',
  });
});
