/** What of a summary is searched for, and how: the same in every index. */
import type { SessionSummary } from '@otel-replay/protocol';
import type { SessionQuery } from '../api/reader.js';

export interface SearchColumns {
  /** Each between line feeds. */
  services: string;
  /** Lower case, one a line. */
  urls: string;
}

export function searchColumns({ serviceNames, urls }: SessionSummary): SearchColumns {
  return { services: `\n${serviceNames.join('\n')}\n`, urls: urls.join('\n').toLowerCase() };
}

/** What to look for in them. */
export function searchTerms({ service, url }: SessionQuery): Partial<SearchColumns> {
  return {
    ...(service === undefined ? {} : { services: `\n${service}\n` }),
    ...(url === undefined ? {} : { urls: url.toLowerCase() }),
  };
}
