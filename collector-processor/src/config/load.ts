/** From files and environment to a checked {@link Config}, or to all that is wrong with them. */
import { EMBEDDED_CONFIG, EMBEDDED_NAME } from './embedded.js';
import { expandEnvironment, type Environment } from './environment.js';
import { findingsOf, type Finding } from './issues.js';
import { childSchema, configJsonSchema, isMapping, type JsonSchema } from './json-schema.js';
import { ConfigError, formatPath, type Problem } from './problem.js';
import { checkRules } from './rules.js';
import { configSchema, type Config } from './schema.js';
import {
  locate,
  mergeSources,
  parseSource,
  readConfigFile,
  type ConfigFile,
  type Source,
} from './source.js';

/**
 * @param files merged in order: mappings are merged, lists replaced; none: the embedded default
 * @param environment what `${env:NAME}` refers to
 * @throws ConfigError with every problem found, each with its file and line
 */
export async function loadConfig(
  files: readonly string[],
  environment: Environment,
): Promise<Config> {
  return parseConfig(await readConfigFiles(files), environment);
}

/** What {@link parseConfig} takes. Throws {@link ConfigError} when a file cannot be read. */
export function readConfigFiles(files: readonly string[]): Promise<ConfigFile[]> {
  return files.length === 0
    ? Promise.resolve([{ file: EMBEDDED_NAME, text: EMBEDDED_CONFIG }])
    : Promise.all(files.map(readConfigFile));
}

/** Throws {@link ConfigError} with every problem found. */
export function parseConfig(files: readonly ConfigFile[], environment: Environment): Config {
  const sources = files.map(({ file, text }) => parseSource(file, text));
  return checkSources(sources, environment);
}

/** Throws {@link ConfigError} with every problem found. */
export function checkSources(sources: readonly Source[], environment: Environment): Config {
  const schema = configJsonSchema();
  const expansion = expandEnvironment(mergeSources(sources), environment);
  const written = fillEmpty(expansion.value, schema);
  const findings: Finding[] = expansion.problems.map(({ path, problem }) => ({ path, ...problem }));

  const result = validate(written, expansion.texts);
  const complained = new Set(findings.map(({ path }) => formatPath(path)));
  findings.push(
    ...(result.success
      ? checkRules(result.data, written as Record<string, unknown>)
      : findingsOf(result.error.issues, schema, written)
    ).filter(({ path }) => !complained.has(formatPath(path))),
  );
  if (result.success && findings.length === 0) return result.data;
  const problems = findings.map(({ path, message }): Problem => {
    return { path: formatPath(path), message, ...locate(sources, path) };
  });
  throw new ConfigError(problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0)));
}

/** A text that looks like a number is still a text where the schema wants one. */
function validate(written: unknown, texts: ReadonlyMap<string, string>) {
  const result = configSchema.safeParse(written);
  if (result.success || texts.size === 0) return result;
  let changed = false;
  for (const issue of result.error.issues) {
    const path = issue.path as (string | number)[];
    const text = texts.get(formatPath(path));
    if (issue.code === 'invalid_type' && issue.expected === 'string' && text !== undefined) {
      changed = replaceAt(written, path, text) || changed;
    }
  }
  return changed ? configSchema.safeParse(written) : result;
}

function replaceAt(root: unknown, path: readonly (string | number)[], value: string): boolean {
  const last = path.at(-1);
  let at = root;
  for (const key of path.slice(0, -1)) at = (at as Record<string | number, unknown>)[key];
  if (last === undefined || (at as Record<string | number, unknown>)[last] === value) return false;
  (at as Record<string | number, unknown>)[last] = value;
  return true;
}

/** `nop:` with nothing under it means `nop: {}`, wherever the schema wants a mapping. */
function fillEmpty(value: unknown, schema: JsonSchema): unknown {
  if (value === null && (schema.type === 'object' || schema.properties !== undefined)) return {};
  if (Array.isArray(value))
    return value.map((item, i) => fillEmpty(item, childSchema(schema, i, value) ?? {}));
  if (!isMapping(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([k, v]) => [k, fillEmpty(v, childSchema(schema, k, value) ?? {})]),
  );
}
