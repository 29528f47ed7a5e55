import { expect, it } from 'vitest';
import { environmentOf } from './environment.js';

it('takes the attributes it knows, of the first source that has them', () => {
  const segment = new Map<string, unknown>([
    ['user_agent.original', 'Mozilla/5.0'],
    ['session_replay.screen', '1920x1080'],
    ['session_replay.sample_rate', 0.5],
    ['user.id', 'ann'],
  ]);
  const resource = new Map<string, unknown>([
    ['user_agent.original', 'a proxy'],
    ['browser.mobile', false],
    ['browser.brands', ['Chromium 142', '', 3]],
    ['host.name', 'anns-laptop'],
    ['os.name', ''],
    ['telemetry.sdk.version', 3n],
  ]);
  expect(environmentOf(segment, resource)).toEqual({
    'user_agent.original': 'Mozilla/5.0',
    'browser.brands': ['Chromium 142'],
    'browser.mobile': false,
    'session_replay.screen': '1920x1080',
    'session_replay.sample_rate': 0.5,
    'telemetry.sdk.version': 3,
  });
});

it('keeps little of what a forged segment says', () => {
  const kept = environmentOf(
    new Map<string, unknown>([
      ['user_agent.original', 'x'.repeat(100_000)],
      ['browser.brands', Array.from({ length: 1000 }, () => 'y'.repeat(1000))],
      ['os.version', Number.NaN],
      ['browser.platform', new Uint8Array(9)],
      ['os.name', null],
    ]),
  );
  expect(Object.keys(kept!)).toEqual(['user_agent.original', 'browser.brands']);
  expect(JSON.stringify(kept).length).toBeLessThan(2500);
});

it('is nothing where nothing is known', () => {
  expect(environmentOf(new Map(), new Map([['user.id', 'ann']]))).toBeUndefined();
});
