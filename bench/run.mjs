// npm run bench -- NAME | --list | --all: runs bench/<name>.ts, exits 0 only when every target is met.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = new URL('./', import.meta.url);
const names = readdirSync(folder)
  .filter((file) => /^[\w-]+\.ts$/.test(file))
  .map((file) => file.slice(0, -3))
  .sort();

const [wanted, ...rest] = process.argv.slice(2);
if (wanted === '--list') {
  for (const name of names) console.log(`${name.padEnd(16)} ${purposeOf(name)}`);
} else if (wanted === '--all') {
  let failed = 0;
  for (const name of names) {
    console.log(`\n# ${name}`);
    if ((await run(name, rest)) !== 0) failed++;
  }
  process.exitCode = failed === 0 ? 0 : 1;
} else if (names.includes(wanted)) {
  process.exitCode = await run(wanted, rest);
} else {
  console.error(
    `${wanted === undefined ? '' : `There is no benchmark "${wanted}". `}npm run bench -- NAME | --list | --all`,
  );
  console.error(`NAME is one of: ${names.join(', ')}`);
  process.exitCode = 2;
}

/** The first sentence of the file's header. */
function purposeOf(name) {
  const text = readFileSync(new URL(`${name}.ts`, folder), 'utf8');
  const header = /^(?:\/\*\*\s*([\s\S]*?)\*\/|\/\/ (.*))/.exec(text);
  const words = (header?.[1] ?? header?.[2] ?? '').replace(/(^|\n)\s*\*\s*/g, ' ').trim();
  return /^.*?\.(?=\s|$)/.exec(words)?.[0] ?? words;
}

function run(name, args) {
  const file = fileURLToPath(new URL(`${name}.ts`, folder));
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--conditions=otel-replay-source', '--expose-gc', file, ...args],
    { stdio: 'inherit', cwd: fileURLToPath(new URL('../', folder)) },
  );
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
