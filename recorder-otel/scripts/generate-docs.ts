/** Writes the README's tables. `npm run docs -w recorder-otel` */
import { writeFile } from 'node:fs/promises';
import { generatedReadme } from './generated-files.js';

const { file, text } = await generatedReadme();
await writeFile(file, text);
