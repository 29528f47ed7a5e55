import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { generatedReadme } from '../scripts/generated-files.js';

test('the tables of the README are those of the code: npm run docs -w recorder-otel', async () => {
  const { file, text } = await generatedReadme();
  expect(await readFile(file, 'utf8')).toBe(text);
  expect(text).toContain('`session_replay.trace_ids`');
  expect(text).toContain('#### `capture.console`');
});
