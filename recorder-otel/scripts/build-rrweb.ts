/** Puts rrweb, without what is never used of it, into `dist`, in place of the import of the whole. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { leanRrweb, rrwebPath } from './lean-rrweb.js';

const folder = fileURLToPath(new URL('../dist/record/', import.meta.url));
const WHOLE = `'@rrweb/record'`;

/** What its licence asks to go along. */
const NOTICE = `/*
Built from @rrweb/record 2.1.6 (https://github.com/rrweb-io/rrweb), without canvases, frames of other
origins, pictures as data, fonts, plugins and hooks.

MIT License

Copyright (c) 2018 Contributors (https://github.com/rrweb-io/rrweb/graphs/contributors) and SmartX Inc.

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense,
and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so,
subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial
portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT
LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN
NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY,
WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE
SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
*/`;

await build({
  stdin: { contents: leanRrweb(readFileSync(rrwebPath(), 'utf8')), loader: 'js' },
  bundle: true,
  format: 'esm',
  target: 'es2022',
  platform: 'browser',
  banner: { js: NOTICE },
  outfile: `${folder}rrweb-record.js`,
  logLevel: 'warning',
});
const importer = `${folder}rrweb.js`;
const code = readFileSync(importer, 'utf8');
if (!code.includes(WHOLE)) throw new Error(`${importer} does not import ${WHOLE}`);
writeFileSync(importer, code.replace(WHOLE, `'./rrweb-record.js'`));
