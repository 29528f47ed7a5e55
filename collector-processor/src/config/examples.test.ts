import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { EMBEDDED_CONFIG } from './embedded.js';
import { checkSources } from './load.js';
import { parseSource } from './source.js';

const root = new URL('../../../', import.meta.url);

describe('every configuration that is shown to users', () => {
  it.each(['README.md', 'collector-processor/README.md', 'docs/configuration.md'])(
    'in %s is valid',
    async (file) => {
      const text = await readFile(new URL(file, root), 'utf8');
      const snippets = [...text.matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml]) => yaml ?? '');
      expect(snippets.length).toBeGreaterThan(0);
      for (const yaml of snippets) checkSources([parseSource(file, yaml)], {});
    },
  );

  it('in part in docs/operations.md is valid over the embedded default', async () => {
    const file = 'docs/operations.md';
    const text = await readFile(new URL(file, root), 'utf8');
    const snippets = [...text.matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml]) => yaml ?? '');
    expect(snippets.length).toBeGreaterThan(2);
    for (const yaml of snippets) {
      const sources = [parseSource('default', EMBEDDED_CONFIG), parseSource(file, yaml)];
      checkSources(sources, {
        REDIS_PASSWORD: 'secret',
        INDEX_URL: 'postgres://replay@postgres/replay',
        OTLP_AUTHORIZATION: 'secret',
        REPLAY_API_TOKEN: 'secret',
      });
    }
  });
});
