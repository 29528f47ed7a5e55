/** Schema issues in the words of whoever wrote the file: key, value, fix. */
import type * as z from 'zod';
import { childSchema, knownKeys, type JsonSchema } from './json-schema.js';
import { closest, type Path } from './problem.js';

type Issue = z.core.$ZodIssue;

export interface Finding {
  path: Path;
  message: string;
}

/** One finding per mistake; `root` is the value that was validated. */
export function findingsOf(issues: readonly Issue[], schema: JsonSchema, root: unknown): Finding[] {
  return issues.flatMap((issue) => {
    const path = issue.path as Path;
    const { schema: at, value } = follow(schema, root, path);
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: unknownKey(key, at, value),
      }));
    }
    return [{ path, message: messageOf(issue, at, value) }];
  });
}

function follow(
  schema: JsonSchema,
  root: unknown,
  path: Path,
): { schema: JsonSchema; value: unknown } {
  let at: JsonSchema = schema;
  let value = root;
  for (const key of path) {
    at = childSchema(at, key, value) ?? {};
    value = (value as Record<string | number, unknown> | undefined)?.[key];
  }
  return { schema: at, value };
}

function unknownKey(key: string, schema: JsonSchema, value: unknown): string {
  const known = knownKeys(schema, value);
  const meant = closest(key, known);
  if (meant !== undefined) return `unknown key; did you mean "${meant}"?`;
  return known.length === 0
    ? 'unknown key; nothing can be set here'
    : `unknown key; known here: ${known.join(', ')}`;
}

function messageOf(issue: Issue, schema: JsonSchema, value: unknown): string {
  if (value === undefined && issue.code !== 'custom' && issue.code !== 'invalid_key') {
    return `is required${schema.description === undefined ? '' : `: ${schema.description}`}`;
  }
  switch (issue.code) {
    case 'invalid_key':
      return badName(String(issue.path.at(-1)), String(issue.path.at(-2)));
    case 'invalid_value':
      return oneOf(issue.values.map(String), value);
    case 'invalid_union':
      return 'options' in issue && Array.isArray(issue.options)
        ? oneOf((issue.options as unknown[]).map(String), value)
        : shown(issue.message, schema, value);
    case 'invalid_type':
      return shown(
        issue.message.startsWith('Invalid input')
          ? `must be ${TYPE[issue.expected] ?? issue.expected}`
          : issue.message,
        schema,
        value,
      );
    case 'too_small':
      return shown(custom(issue.message) ?? `must be at least ${issue.minimum}`, schema, value);
    case 'too_big':
      return shown(custom(issue.message) ?? `must be at most ${issue.maximum}`, schema, value);
    default:
      return shown(issue.message, schema, value);
  }
}

const TYPE: Readonly<Record<string, string>> = {
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

const custom = (message: string): string | undefined =>
  /^(Too (small|big)|Invalid)/.test(message) ? undefined : message;

function oneOf(options: readonly string[], value: unknown): string {
  const meant = closest(String(value), options);
  const hint = meant === undefined ? '' : `; did you mean "${meant}"?`;
  return `${describe(value)} is not known, must be one of: ${options.join(', ')}${hint}`;
}

/** `must be …, is 3`; the value of a secret is not shown. */
function shown(message: string, schema: JsonSchema, value: unknown): string {
  return schema.writeOnly === true ? message : `${message} (is ${describe(value)})`;
}

function describe(value: unknown): string {
  if (value === null) return 'empty';
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

function badName(key: string, parent: string): string {
  if (parent === 'receivers') {
    const meant = closest(key, ['otlp']);
    return `there is no such receiver; known: otlp, otlp/<name>${meant === undefined ? '' : '; did you mean "otlp"?'}`;
  }
  return 'a pipeline is named traces, logs, traces/<name> or logs/<name>; metrics are not taken';
}
