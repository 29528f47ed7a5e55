/** The files of a configuration: read, parsed, merged, and asked where a key stands. */
import { readFile } from 'node:fs/promises';
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import { isMapping } from './json-schema.js';
import { ConfigError, type Path, type Problem } from './problem.js';

export interface Source {
  /** As the user named it. */
  file: string;
  document: Document;
  lines: LineCounter;
}

/** As it was when it was read: every process of a run works with the same. */
export interface ConfigFile {
  /** As the user named it. */
  file: string;
  text: string;
}

/** Throws {@link ConfigError} when it cannot be read. */
export async function readConfigFile(file: string): Promise<ConfigFile> {
  try {
    return { file, text: await readFile(file, 'utf8') };
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const message =
      code === 'ENOENT'
        ? 'there is no such file; check the path given to --config'
        : `cannot be read: ${(cause as Error).message}`;
    throw new ConfigError([{ path: '', message, file }]);
  }
}

/** Throws {@link ConfigError} when `text` is not YAML. */
export function parseSource(file: string, text: string): Source {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const problems = document.errors.map((error): Problem => {
    return {
      path: '',
      message: `not YAML: ${error.message}`,
      file,
      line: lines.linePos(error.pos[0]).line,
    };
  });
  if (problems.length > 0) throw new ConfigError(problems);
  const value: unknown = document.toJS();
  if (value !== null && !isMapping(value)) {
    const message = 'must be a mapping with receivers, exporters and service';
    throw new ConfigError([{ path: '', message, file, line: 1 }]);
  }
  return { file, document, lines };
}

/** Maps are merged, anything else is replaced by the later file. */
export function mergeSources(sources: readonly Source[]): Record<string, unknown> {
  return sources.reduce<Record<string, unknown>>(
    (merged, { document }) => merge(merged, (document.toJS() as unknown) ?? {}) as typeof merged,
    {},
  );
}

function merge(below: unknown, above: unknown): unknown {
  if (!isMapping(below) || !isMapping(above)) return above;
  const out: Record<string, unknown> = { ...below };
  for (const [key, value] of Object.entries(above)) {
    out[key] = key in below ? merge(below[key], value) : value;
  }
  return out;
}

/** The file and line of the deepest part of `path` that was written; the last file wins. */
export function locate(sources: readonly Source[], path: Path): { file?: string; line?: number } {
  let best: { file?: string; line?: number } = {};
  let bestDepth = -1;
  for (const { file, document, lines } of sources) {
    const { depth, offset } = descend(document, path);
    if (depth >= bestDepth) {
      bestDepth = depth;
      best = offset === undefined ? { file } : { file, line: lines.linePos(offset).line };
    }
  }
  return best;
}

function descend(document: Document, path: Path): { depth: number; offset: number | undefined } {
  let node: unknown = document.contents;
  let offset: number | undefined;
  for (const [depth, key] of path.entries()) {
    let next: unknown;
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
      if (pair === undefined) return { depth, offset };
      offset = (pair.key as Node).range?.[0] ?? offset;
      next = pair.value;
    } else if (isSeq(node)) {
      next = node.items[Number(key)];
      if (next === undefined) return { depth, offset };
      offset = (next as Node).range?.[0] ?? offset;
    } else {
      return { depth, offset };
    }
    node = next;
  }
  return { depth: path.length, offset };
}
