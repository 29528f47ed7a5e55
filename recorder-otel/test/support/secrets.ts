/**
 * Secrets by place, and the one search for them: in every byte that left the browser, raw, inflated
 * and decoded, and in everything that is stored in it, in every spelling that a recorder could make
 * of them. A new capture path adds its places here by `secrets.at('Place')` and nothing else.
 */
import { inflateRawSync, gunzipSync } from 'node:zlib';
import { decodePayload, joinParts } from '@otel-replay/protocol';
import type { Page } from 'playwright-core';
import type { Ingest, IngestRequest } from './ingest.js';
import { segmentsOf, type WireSegment } from './otlp.js';

export interface Secrets {
  /** The word of a place: the same each time, so that a leak says where it comes from. */
  at: (place: string) => string;
  readonly words: ReadonlySet<string>;
}

export function createSecrets(): Secrets {
  const words = new Set<string>();
  return {
    words,
    at: (place) => {
      const word = `Zx${place}Qv`;
      words.add(word);
      return word;
    },
  };
}

/** Bytes, and where they were found. */
export interface Found {
  where: string;
  bytes: Buffer;
}

/** `place: where it was found`, for every secret in any of the bytes. */
export function findLeaks(found: readonly Found[], words: Iterable<string>): string[] {
  const leaks: string[] = [];
  for (const word of words) {
    const forms = spellings(word);
    for (const { where, bytes } of found) {
      if (forms.some((form) => bytes.includes(form))) leaks.push(`${word}: ${where}`);
    }
  }
  return leaks;
}

function spellings(word: string): Buffer[] {
  const base64 = [0, 1, 2].map((shift) =>
    // Without the characters that its neighbours take part in.
    Buffer.from(`${' '.repeat(shift)}${word}`)
      .toString('base64')
      .slice(shift === 0 ? 0 : 4, -4),
  );
  const codes = Array.from(word, (c) => c.charCodeAt(0).toString(16));
  const percent = codes.map((code) => `%${code}`).join('');
  const texts = [
    word,
    word.toLowerCase(),
    word.toUpperCase(),
    percent,
    percent.toUpperCase(),
    codes.join(''),
    codes.map((code) => `\\${code}`).join(''),
    codes.map((code) => `\\u00${code}`).join(''),
    [...word].reverse().join(''),
    ...base64,
  ];
  return texts
    .map((text) => Buffer.from(text))
    .concat([Buffer.from(word, 'utf16le'), Buffer.from(word, 'utf16le').swap16()]);
}

/** Every byte that a receiver got, also of requests that it refused. */
export async function everythingSent(ingest: Ingest): Promise<Found[]> {
  const requests: IngestRequest[] = [...ingest.requests, ...ingest.refused];
  const found = requests.flatMap(({ body, headers, url }, i) => [
    { where: `body ${i}`, bytes: body },
    { where: `head ${i}`, bytes: Buffer.from(url + JSON.stringify(headers)) },
  ]);
  const segments = requests.flatMap(({ spans }) => segmentsOf(spans));
  return found.concat(await insideSegments(segments));
}

/** What segments inflate to, and the events it stands for. */
export async function insideSegments(
  segments: readonly Pick<WireSegment, 'header' | 'data'>[],
): Promise<Found[]> {
  const found: Found[] = [];
  const parts = new Map<string, { header: WireSegment['header']['payload']; data: Uint8Array }[]>();
  for (const { header, data } of segments) {
    const { recordingId, index, payload } = header;
    const key = `segment ${recordingId}/${index}`;
    found.push({ where: `${key}, header`, bytes: Buffer.from(JSON.stringify(header)) });
    const same = parts.get(key) ?? [];
    if (!same.some((part) => part.header.partIndex === payload.partIndex)) {
      parts.set(key, [...same, { header: payload, data }]);
    }
  }
  for (const [where, pieces] of parts) {
    if (pieces.length < (pieces[0]!.header.partCount ?? 1)) continue;
    const { header, data } = pieces.length > 1 ? joinParts(pieces) : pieces[0]!;
    found.push({ where: `${where}, inflated`, bytes: inflate(data) });
    const events = JSON.stringify(await decodePayload(header, data));
    found.push({ where: `${where}, decoded`, bytes: Buffer.from(events) });
  }
  return found;
}

/** As far as it can be: stored pieces do not say what they are. */
function inflate(data: Uint8Array): Buffer {
  for (const attempt of [gunzipSync, inflateRawSync]) {
    try {
      return attempt(data);
    } catch {
      // Of the other kind, or not compressed at all.
    }
  }
  return Buffer.from(data);
}

interface Dump {
  where: string;
  /** Bytes as base64, everything else as JSON. */
  text: string;
  binary: boolean;
  /** Of a value that is a segment. */
  payload?: WireSegment['header'] | undefined;
}

/** Everything that a page's origin keeps in its browser, except what `own` names. */
export async function everythingStored(page: Page, own: readonly string[] = []): Promise<Found[]> {
  const dumps = (await page.evaluate(dumpStores)) as Dump[];
  const found = dumps
    .filter(({ where }) => !own.includes(where))
    .flatMap(({ where, text, binary }) => {
      if (!binary) return [{ where, bytes: Buffer.from(text) }];
      const bytes = Buffer.from(text, 'base64');
      return [
        { where, bytes },
        { where: `${where}, inflated`, bytes: inflate(bytes) },
      ];
    });
  const segments = dumps.flatMap(({ payload, text }) =>
    payload ? [{ header: payload, data: new Uint8Array(Buffer.from(text, 'base64')) }] : [],
  );
  return found.concat(await insideSegments(segments));
}

/** Runs in the page. */
async function dumpStores(): Promise<unknown[]> {
  const dumps: Record<string, unknown>[] = [];
  for (const [name, storage] of Object.entries({ localStorage, sessionStorage })) {
    for (const [key, text] of Object.entries(storage) as [string, string][]) {
      dumps.push({ where: `${name}.${key}`, text: key + text, binary: false });
    }
  }
  const bytesOf = async (value: unknown): Promise<Uint8Array | undefined> => {
    if (value instanceof Blob) return new Uint8Array(await value.arrayBuffer());
    if (value instanceof ArrayBuffer) return new Uint8Array(value);
    if (ArrayBuffer.isView(value)) {
      return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    }
    return undefined;
  };
  const add = async (where: string, value: unknown, header?: unknown): Promise<void> => {
    const bytes = await bytesOf(value);
    if (bytes) {
      let text = '';
      for (const byte of bytes) text += String.fromCharCode(byte);
      const payload = (header as { payload?: unknown } | undefined)?.payload ? header : undefined;
      dumps.push({ where, text: btoa(text), binary: true, payload });
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) {
        await add(`${where}.${key}`, inner, (value as { header?: unknown }).header);
      }
    } else dumps.push({ where, text: `${where}=${String(value)}`, binary: false });
  };
  const ask = <T>(request: IDBRequest<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error ?? new Error('no database'));
    });
  for (const { name } of await indexedDB.databases()) {
    const database = await ask(indexedDB.open(name!));
    for (const store of database.objectStoreNames) {
      const objects = database.transaction(store).objectStore(store);
      const [keys, values] = await Promise.all([ask(objects.getAllKeys()), ask(objects.getAll())]);
      // Large segments are followed by the rest of their data.
      let segment: { data: Uint8Array } | undefined;
      for (const value of values as { data: Uint8Array }[]) {
        if (segment && value instanceof Uint8Array) {
          segment.data = new Uint8Array([...segment.data, ...value]);
        } else segment = value;
      }
      for (const [i, value] of values.entries()) {
        await add(`${name}.${store}.${JSON.stringify(keys[i])}`, value);
      }
    }
    database.close();
  }
  for (const name of await caches.keys().catch(() => []))
    dumps.push({ where: name, text: name, binary: false });
  return dumps;
}
