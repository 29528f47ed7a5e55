/** Queries as they are stored, with dashboard variables filled in. */
import type { ScopedVars } from '@grafana/data';
import { getTemplateSrv } from '@grafana/runtime';
import type { ReplayQuery } from './types';

const TEXTS = ['sessionId', 'traceId', 'spanId', 'time', 'user', 'url', 'text'] as const;

/** Separates the values of a variable with several; in no name of a service. */
const SEPARATOR = '\u0000';

/** What a variable's "All" commonly stands for, in queries that take regular expressions. */
const ALL = '.*';

export interface Interpolated {
  query: ReplayQuery;
  /** Those of a variable with several values; empty for all. */
  services: string[];
}

export function interpolate(query: ReplayQuery, scopedVars?: ScopedVars): Interpolated {
  const filled: ReplayQuery = { ...query };
  for (const name of TEXTS) {
    const text = query[name];
    if (text !== undefined) {
      filled[name] = replaceOne(text, scopedVars);
    }
  }
  const services = valuesOf(query.service, scopedVars);
  return { query: { ...filled, service: services.join(', ') }, services };
}

/** The first value, where a variable has several. */
function replaceOne(text: string, scopedVars?: ScopedVars): string {
  const first = (value: unknown): string => String(Array.isArray(value) ? (value[0] ?? '') : value);
  return unresolved(getTemplateSrv().replace(text, scopedVars, first)).trim();
}

function valuesOf(text: string | undefined, scopedVars?: ScopedVars): string[] {
  const all = (value: unknown): string =>
    Array.isArray(value) ? value.join(SEPARATOR) : String(value);
  return unresolved(getTemplateSrv().replace(text ?? '', scopedVars, all))
    .split(SEPARATOR)
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== ALL);
}

/** A variable that does not exist stays as it was written: nothing can have that name. */
const unresolved = (text: string): string => (/^\$(\{[^}]+\}|\w+)$/.test(text) ? '' : text);
