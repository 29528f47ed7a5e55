/** The resources of the replay API (wire contract, section 5). */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { MEDIA_TYPE, parseLiveCursor, type SpanInfo } from '@otel-replay/protocol';
import { decodeSpans } from '../otlp/decode-spans.js';
import { sendJson, sendStream } from './answer.js';
import { exportFileName, exportRecords } from './export-file.js';
import type { LiveHub } from './live-hub.js';
import {
  checkpointsOf,
  rangeOf,
  readQuery,
  recordingIdOf,
  sessionIdOf,
  sessionQueryOf,
  traceIdOf,
} from './parameters.js';
import { ApiError, noReplay } from './problem.js';
import type { Found, ReplayReader } from './reader.js';

export interface Call {
  request: IncomingMessage;
  response: ServerResponse;
  search: URLSearchParams;
  /** Further fields of the audit line. */
  audit: Record<string, unknown>;
}

type Handler = (call: Call) => Promise<void>;

/** What a path offers, by method; undefined for a path that is none of the API's. */
export function routeOf(
  reader: ReplayReader,
  live: LiveHub,
  path: readonly string[],
): Partial<Record<'GET' | 'DELETE', Handler>> | undefined {
  const [collection, id, part, recording, leaf, ...rest] = path;
  if (rest.length > 0) return undefined;
  if (collection === 'traces' && id !== undefined && part === undefined) {
    return { GET: (call) => findTrace(reader, call, traceIdOf(id)) };
  }
  if (collection !== 'sessions') return undefined;
  if (id === undefined) {
    return {
      GET: async (call) =>
        sendJson(call.request, call.response, await reader.list(sessionQueryOf(call.search))),
      DELETE: (call) => deleteUser(reader, call),
    };
  }
  if (part === undefined) {
    return {
      GET: (call) => manifest(reader, call, sessionIdOf(id)),
      DELETE: (call) => deleteSession(reader, call, sessionIdOf(id)),
    };
  }
  if (part === 'recordings' && recording !== undefined && leaf === 'events') {
    return { GET: (call) => events(reader, call, sessionIdOf(id), recordingIdOf(recording)) };
  }
  if (recording !== undefined) return undefined;
  if (part === 'spans') return { GET: (call) => spans(reader, call, sessionIdOf(id)) };
  if (part === 'live') return { GET: (call) => watch(live, call, sessionIdOf(id)) };
  if (part === 'export') return { GET: (call) => exportFile(reader, call, sessionIdOf(id)) };
  return undefined;
}

async function findTrace(reader: ReplayReader, call: Call, traceId: string): Promise<void> {
  readQuery(call.search, []);
  const lookup = found(await reader.findTrace(traceId), `trace ${traceId}`);
  call.audit['session.ids'] = lookup.sessions.map(({ sessionId }) => sessionId);
  await sendJson(call.request, call.response, lookup);
}

async function manifest(reader: ReplayReader, call: Call, sessionId: string): Promise<void> {
  readQuery(call.search, []);
  const value = found(await reader.manifest(sessionId), `session "${sessionId}"`);
  await sendJson(call.request, call.response, value);
}

async function events(
  reader: ReplayReader,
  call: Call,
  sessionId: string,
  recordingId: string,
): Promise<void> {
  const query = readQuery(call.search, ['from', 'to', 'checkpoints'] as const);
  const { from = 0, to = Number.MAX_SAFE_INTEGER } = rangeOf(query);
  const checkpoints = checkpointsOf(query);
  const { immutable, records } = found(
    await reader.events(sessionId, recordingId, { from, to, checkpoints }),
    `recording ${recordingId} of session "${sessionId}"`,
  );
  await sendStream(call.request, call.response, records, {
    contentType: MEDIA_TYPE.SEGMENTS,
    ...(immutable
      ? { immutableAs: JSON.stringify([sessionId, recordingId, from, to, checkpoints]) }
      : {}),
  });
}

async function spans(reader: ReplayReader, call: Call, sessionId: string): Promise<void> {
  readQuery(call.search, []);
  const requests = found(await reader.spans(sessionId), `session "${sessionId}"`);
  // A request that was sent twice is stored once at most places; the time line must show it once.
  const byId = new Map<string, SpanInfo>();
  for await (const { contentType, payload } of requests) {
    for (const span of decodeSpans(contentType, payload, sessionId)) {
      byId.set(`${span.traceId}/${span.spanId}`, span);
    }
  }
  const all = [...byId.values()].sort((a, b) => a.startTime - b.startTime);
  await sendJson(call.request, call.response, { spans: all });
}

async function watch(live: LiveHub, call: Call, sessionId: string): Promise<void> {
  const { after } = readQuery(call.search, ['after'] as const);
  // The browser sends it when it comes back; `after` is for the first time.
  const id = call.request.headers['last-event-id']?.toString() ?? after;
  await live.open(call, sessionId, id === undefined ? undefined : parseLiveCursor(id));
}

async function exportFile(reader: ReplayReader, call: Call, sessionId: string): Promise<void> {
  readQuery(call.search, []);
  const value = found(await reader.manifest(sessionId), `session "${sessionId}"`);
  await sendStream(call.request, call.response, exportRecords(reader, value), {
    contentType: MEDIA_TYPE.EXPORT,
    fileName: exportFileName(sessionId),
  });
}

async function deleteSession(reader: ReplayReader, call: Call, sessionId: string): Promise<void> {
  readQuery(call.search, []);
  const result = await reader.deleteSession(sessionId);
  call.audit['deleted'] = result.deleted;
  await sendJson(call.request, call.response, result);
}

async function deleteUser(reader: ReplayReader, call: Call): Promise<void> {
  const { user } = readQuery(call.search, ['user'] as const);
  if (user === undefined) {
    throw new ApiError(400, 'Say whose sessions to delete: ?user=<user.id or user.hash>.');
  }
  const result = await reader.deleteUser(user);
  call.audit['deleted'] = result.deleted;
  await sendJson(call.request, call.response, result);
}

function found<T>(result: Found<T>, what: string): T {
  if (result.found) return result.value;
  throw noReplay(what, result);
}
