/**
 * Files of the page's own origin that its style sheets and symbols show: as data in the recording,
 * because where they were they may not be when somebody watches. Of each there is one event, known by
 * its hash, over all pages of a session; it comes again after a while and after an error, so that a
 * session of which only the end is kept has it, too. Players find it by its address.
 */
import type { RecordedAsset } from '@otel-replay/protocol';
import { FILES_KEY, FULL_SNAPSHOT, whenIdle } from '../shared.js';
import type { LateParts } from './late-parts.js';

/** With a checkpoint after this long it is sent again. */
const AGAIN_MS = 300_000;
/** After an error sooner. */
const AGAIN_AFTER_ERROR_MS = 30_000;
/** The page comes first. */
const IDLE_LATEST_MS = 3000;
const MAX_ASSETS = 200;

export interface Assets {
  /**
   * Sends it, unless it was sent; what `make` makes of it is kept.
   * @param make undefined: there is nothing that may be recorded
   */
  offer(url: string, make: () => Promise<RecordedAsset | undefined>): void;
  stop(): void;
}

interface Kept {
  asset: RecordedAsset;
  hash: string;
}

/** When each was sent, by hash, in one session. */
interface Sent {
  session: string;
  at: Record<string, number>;
}

/** @param maxBytes characters of all that is sent, without what is sent again */
export function createAssets({ recording }: LateParts, maxBytes: number): Assets {
  const { guard } = recording;
  /** By address; undefined: it is being made, or may not be recorded. */
  const known = new Map<string, Kept | undefined>();
  const wanted: (() => Promise<void>)[] = [];
  let left = maxBytes;
  let working = false;
  let stopped = false;
  let cancel = (): void => undefined;

  const idle = (): Promise<void> =>
    new Promise((resolve) => {
      cancel = whenIdle(resolve, IDLE_LATEST_MS);
    });

  /** One after the other, so that no segment holds all of them. */
  async function work(): Promise<void> {
    if (working) return;
    working = true;
    for (let next = wanted.shift(); next && !stopped; next = wanted.shift()) {
      await idle();
      if (!stopped) await next().catch((error: unknown) => guard.report(error, 'assets'));
    }
    working = false;
  }

  function send({ asset, hash }: Kept, after: number): void {
    const session = recording.sessionId();
    if (!session || stopped || !recording.isLive()) return;
    const sent = readSent(session);
    if (Date.now() - (sent.at[hash] ?? -Infinity) < after) return;
    sent.at[hash] = Date.now();
    writeSent(sent);
    recording.mark('session_replay.asset', asset);
  }

  function sendAgain(after: number): void {
    for (const kept of known.values()) {
      if (kept) wanted.push(() => Promise.resolve(send(kept, after)));
    }
    void work();
  }

  const stops = [
    recording.on('event', ({ type }) => {
      if (type === FULL_SNAPSHOT) sendAgain(AGAIN_MS);
    }),
    recording.on('segment', ({ errorCount, rageClickCount }) => {
      if (errorCount || rageClickCount) sendAgain(AGAIN_AFTER_ERROR_MS);
    }),
  ];

  return {
    offer: (url, make) => {
      if (known.has(url) || known.size >= MAX_ASSETS) return;
      known.set(url, undefined);
      wanted.push(async () => {
        const asset = await make();
        const size = asset ? JSON.stringify(asset).length : 0;
        if (!asset || size > left) return;
        left -= size;
        const kept = { asset, hash: await hashOf(JSON.stringify(asset)) };
        known.set(url, kept);
        send(kept, AGAIN_MS);
      });
      void work();
    },
    stop: () => {
      stopped = true;
      cancel();
      for (const stop of stops) stop();
    },
  };
}

function readSent(session: string): Sent {
  try {
    const sent = JSON.parse(sessionStorage.getItem(FILES_KEY) ?? '{}') as Partial<Sent>;
    if (sent.session === session && sent.at) return { session, at: { ...sent.at } };
  } catch {
    // no storage, or not ours
  }
  return { session, at: {} };
}

function writeSent(sent: Sent): void {
  try {
    sessionStorage.setItem(FILES_KEY, JSON.stringify(sent));
  } catch {
    // Then each page sends its own.
  }
}

/** Where the page is not secure the browser makes none: then by what can be counted. */
async function hashOf(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  if (!globalThis.crypto?.subtle) return `${text.length}:${text.slice(0, 200)}`;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest.slice(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
