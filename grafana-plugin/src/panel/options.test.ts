import { describe, expect, it } from 'vitest';
import { DEFAULTS, maskingOf, migrateOptions } from './options';

describe('options as they were stored', () => {
  it.each([undefined, null, 'x', [], {}])('%j becomes the defaults', (stored) => {
    expect(migrateOptions(stored)).toEqual(DEFAULTS);
  });

  it('keeps what fits, and drops what nobody knows', () => {
    const stored = { sessionId: 's', leadInSeconds: 5, lists: false, firstTab: 'console', old: 1 };
    expect(migrateOptions(stored)).toEqual({
      ...DEFAULTS,
      sessionId: 's',
      leadInSeconds: 5,
      lists: false,
      firstTab: 'console',
    });
  });

  it('takes the default where a value is of another kind', () => {
    const stored = {
      sessionId: 7,
      leadInSeconds: -1,
      lists: 'yes',
      firstTab: 'tabs',
      cursor: 'on',
    };
    expect(migrateOptions(stored)).toEqual(DEFAULTS);
  });

  it('reads one host, or several in one text, as provisioning files have them', () => {
    const { allowHosts } = migrateOptions({ allowHosts: 'cdn.example.com, *.example.org' });
    expect(allowHosts).toEqual(['cdn.example.com', '*.example.org']);
    expect(migrateOptions({ maskTexts: ['a', 3, ' ', 'b'] }).maskTexts).toEqual(['a', 'b']);
  });
});

it('masks nothing more unless it is told to', () => {
  expect(maskingOf(DEFAULTS)).toBeUndefined();
  expect(maskingOf({ ...DEFAULTS, maskSelectors: ['.name'] })).toMatchObject({
    selectors: ['.name'],
  });
});
