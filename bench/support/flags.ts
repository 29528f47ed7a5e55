/** `--name 5` on the command line; anything else ends the process with what would do. */
export function numberFlag(name: string, fallback: number): number {
  const at = process.argv.indexOf(name);
  if (at < 0) return fallback;
  const value = Number(process.argv[at + 1]);
  if (Number.isFinite(value) && value > 0) return value;
  process.stderr.write(`${name} takes a number above 0, for example ${name} ${fallback}\n`);
  process.exit(2);
}

/** `--name a,b` on the command line, each of `allowed`; anything else ends the process. */
export function listFlag(name: string, allowed: readonly string[], fallback: string[]): string[] {
  const at = process.argv.indexOf(name);
  if (at < 0) return fallback;
  const values = (process.argv[at + 1] ?? '').split(',');
  if (values.every((value) => allowed.includes(value))) return values;
  process.stderr.write(`${name} takes some of ${allowed.join(',')}\n`);
  process.exit(2);
}
