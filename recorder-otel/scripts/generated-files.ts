/** What of the README is written from code. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { attributeTable, optionTables } from './tables.js';

const README = fileURLToPath(new URL('../README.md', import.meta.url));

/** Path and content, formatted as the linter wants it. */
export async function generatedReadme(): Promise<{ file: string; text: string }> {
  let text = await readFile(README, 'utf8');
  text = between(text, 'options', optionTables());
  text = between(text, 'attributes', attributeTable());
  const options = await resolveConfig(README);
  return { file: README, text: await format(text, { ...options, filepath: README }) };
}

function between(text: string, name: string, content: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [start, end] = [text.indexOf(open), text.indexOf(close)];
  if (start < 0 || end < 0) throw new Error(`the README has no ${open} … ${close}`);
  return `${text.slice(0, start + open.length)}\n\n${content}\n\n${text.slice(end)}`;
}
