/**
 * `${env:NAME}`, `${NAME}`, `${env:NAME:-default}` and `$$` in the values of a configuration, as the
 * Collector reads them. A value that is nothing but one reference takes the type its text has in
 * YAML; where a text is wanted, {@link Expansion.texts} has it as it was.
 */
import { parse } from 'yaml';
import { isMapping } from './json-schema.js';
import { formatPath, type Path, type Problem } from './problem.js';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Expansion {
  value: unknown;
  /** The text behind each value that was one reference, by {@link formatPath}. */
  texts: Map<string, string>;
  problems: { path: Path; problem: Pick<Problem, 'message'> }[];
}

const REFERENCE = /\$\$|\$\{([^{}]*)\}/g;
const INSIDE = /^(?:env:)?([a-zA-Z_][a-zA-Z0-9_]*)(?::-(.*))?$/s;

export function expandEnvironment(value: unknown, environment: Environment): Expansion {
  const expansion: Expansion = { value: undefined, texts: new Map(), problems: [] };
  expansion.value = expand(value, [], environment, expansion);
  return expansion;
}

function expand(value: unknown, path: Path, environment: Environment, out: Expansion): unknown {
  if (Array.isArray(value)) {
    return value.map((item, i) => expand(item, [...path, i], environment, out));
  }
  if (isMapping(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([k, v]) => [k, expand(v, [...path, k], environment, out)]),
    );
  }
  if (typeof value !== 'string' || !value.includes('$')) return value;
  const text = value.replace(REFERENCE, (match, inside: string | undefined) =>
    inside === undefined ? '$' : resolve(match, inside, path, environment, out),
  );
  if (!/^\$\{[^{}]*\}$/.test(value)) return text;
  out.texts.set(formatPath(path), text);
  return scalarOf(text);
}

function resolve(
  match: string,
  inside: string,
  path: Path,
  environment: Environment,
  out: Expansion,
): string {
  const [, name, fallback] = INSIDE.exec(inside) ?? [];
  const problem = (message: string): string => {
    out.problems.push({ path, problem: { message } });
    return '';
  };
  if (name === undefined) {
    return problem(
      `"${match}" cannot be read; write \${env:NAME} or \${env:NAME:-default}, and $$ for a dollar sign`,
    );
  }
  const value = environment[name];
  if (value !== undefined && (value !== '' || fallback === undefined)) return value;
  if (fallback !== undefined) return fallback;
  return problem(
    `environment variable ${name} is not set; set it, or write \${env:${name}:-default}`,
  );
}

/** Numbers and booleans as YAML has them; anything else stays text. */
function scalarOf(text: string): unknown {
  try {
    const value: unknown = parse(text);
    return typeof value === 'number' || typeof value === 'boolean' ? value : text;
  } catch {
    return text; // not YAML, so a text
  }
}
