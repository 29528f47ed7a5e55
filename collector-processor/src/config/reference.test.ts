import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { generatedFiles } from '../../scripts/generated-files.js';

describe('generated files', () => {
  it('are what the code says (else: npm run docs -w @otel-replay/collector-processor)', async () => {
    for (const { file, text } of await generatedFiles()) {
      expect(await readFile(file, 'utf8'), file).toBe(text);
    }
  });
});
