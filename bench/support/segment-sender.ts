/** Sends segments of many live sessions to a processor, as fast as it answers. */
import { randomBytes } from 'node:crypto';
import { Agent } from 'node:http';
import { crc32cHex } from '@otel-replay/protocol';
import {
  makeHeader,
  randomHex,
  tracesBody,
  type SentSegment,
} from '../../collector-processor/test/support/otlp.js';
import { post } from './post.js';

export interface SegmentSenderOptions {
  /** `http://host:port` of the receiver. */
  base: string;
  sessions: number;
  /** Of the compressed payload. */
  segmentBytes: number;
  /** Kept alive; one request at a time on each. */
  connections: number;
}

/** Sends round after round: the next segment of every session. */
export class SegmentSender {
  readonly #url: string;
  readonly #options: SegmentSenderOptions;
  readonly #agent: Agent;
  readonly #sessions: { sessionId: string; recordingId: string }[];
  readonly #payloads: { data: Buffer; crc32c: string }[];
  readonly #start = Date.now();
  #next = 0;
  sent = 0;

  constructor(options: SegmentSenderOptions) {
    this.#options = options;
    this.#url = `${options.base}/v1/traces`;
    this.#agent = new Agent({ keepAlive: true, maxSockets: options.connections });
    this.#sessions = Array.from({ length: options.sessions }, () => {
      return { sessionId: randomHex(16), recordingId: randomHex(16) };
    });
    // Compressed data looks random; a few different ones are enough.
    this.#payloads = Array.from({ length: 64 }, () => {
      const data = randomBytes(options.segmentBytes);
      return { data, crc32c: crc32cHex(data) };
    });
  }

  /** Ends when one of the two is reached. */
  async run(limit: { segments: number; seconds: number }): Promise<void> {
    const end = performance.now() + limit.seconds * 1000;
    const last = this.#next + limit.segments;
    const connection = async (): Promise<void> => {
      while (this.#next < last && performance.now() < end) {
        const body = tracesBody('protobuf', [this.#segment(this.#next++)]);
        await post(this.#agent, this.#url, 'application/x-protobuf', body);
        this.sent++;
      }
    };
    await Promise.all(Array.from({ length: this.#options.connections }, connection));
  }

  close(): void {
    this.#agent.destroy();
  }

  #segment(n: number): SentSegment {
    const { sessions, segmentBytes } = this.#options;
    const index = Math.floor(n / sessions);
    const session = this.#sessions[n % sessions];
    const payload = this.#payloads[n % this.#payloads.length];
    if (session === undefined || payload === undefined) throw new RangeError('no sessions');
    const first = this.#start + index * 5000;
    const header = makeHeader(
      {
        ...session,
        index,
        // A checkpoint every minute, as recorders make them.
        hasFullSnapshot: index % 12 === 0,
        checkpoint: 1 + Math.floor(index / 12),
        firstTimestamp: first,
        lastTimestamp: first + 4999,
        eventCount: 200,
        url: 'https://shop.example.com/products',
        traceIds: [randomHex(16)],
        clientSendTime: Date.now(),
      },
      {
        encoding: 'deflate-raw',
        format: 'rrweb',
        formatVersion: '2',
        size: segmentBytes,
        uncompressedSize: segmentBytes * 8,
        crc32c: payload.crc32c,
      },
    );
    return { header, data: payload.data };
  }
}
