/** `--name 5` on the command line; anything else ends the process with what would do. */
export function numberFlag(name: string, fallback: number): number {
  const at = process.argv.indexOf(name);
  if (at < 0) return fallback;
  const value = Number(process.argv[at + 1]);
  if (Number.isFinite(value) && value > 0) return value;
  process.stderr.write(`${name} takes a number above 0, for example ${name} ${fallback}\n`);
  process.exit(2);
}
