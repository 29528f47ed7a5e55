/** What is written from code: the reference page, the JSON Schema, the metrics table in the README. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { configJsonSchema } from '../src/config/json-schema.js';
import { configurationReference, metricsTable } from '../src/config/reference.js';

const root = new URL('../../', import.meta.url);

/** Paths and contents, formatted as the linter wants them. */
export async function generatedFiles(): Promise<{ file: string; text: string }[]> {
  const readme = await readFile(new URL('collector-processor/README.md', root), 'utf8');
  const pieces: [path: string, text: string][] = [
    ['docs/configuration.md', configurationReference()],
    ['collector-processor/config.schema.json', JSON.stringify(configJsonSchema())],
    ['collector-processor/README.md', between(readme, 'metrics', metricsTable())],
  ];
  return Promise.all(
    pieces.map(async ([path, text]) => {
      const file = fileURLToPath(new URL(path, root));
      const options = await resolveConfig(file);
      return { file, text: await format(text, { ...options, filepath: file }) };
    }),
  );
}

function between(text: string, name: string, content: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [start, end] = [text.indexOf(open), text.indexOf(close)];
  if (start < 0 || end < 0) throw new Error(`the README has no ${open} … ${close}`);
  return `${text.slice(0, start + open.length)}\n\n${content}\n\n${text.slice(end)}`;
}
