/** Recordings in files: one event as JSON per line, gzipped. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { ReplayEvent } from '@otel-replay/protocol';

const EXTENSION = '.ndjson.gz';

export function readRecordings(folder: string): { name: string; events: ReplayEvent[] }[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(EXTENSION))
    .sort()
    .map((file) => {
      const lines = gunzipSync(readFileSync(join(folder, file)))
        .toString()
        .trim()
        .split('\n');
      const events = lines.map((line) => JSON.parse(line) as ReplayEvent);
      return { name: file.slice(0, -EXTENSION.length), events };
    });
}
