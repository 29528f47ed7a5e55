/** What a page or a backend sends: spans of the stock SDK, segments of the recorder, by its exporters. */
import { randomBytes } from 'node:crypto';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import { makeSegment } from '../../collector-processor/test/support/otlp.js';
import { segmentSpan } from '../../recorder-otel/src/emit/span.js';
import { spansOf } from './trace-store.js';
import type { StoredSpan } from './trace-store.js';

export type Encoding = 'protobuf' | 'json';

export interface SenderOptions {
  /** `http://host:port` of an OTLP receiver. */
  otlpUrl: string;
  encoding: Encoding;
  /** Of the Resource. */
  attributes: Readonly<Record<string, string>>;
}

export interface SegmentIds {
  sessionId: string;
  recordingId: string;
  traceIds: string[];
}

export class Sender {
  readonly #finished = new InMemorySpanExporter();
  readonly #provider: TracerProvider;
  readonly #exporter: SpanExporter;
  readonly #resource: ReturnType<typeof resourceFromAttributes>;
  readonly #sent: ReadableSpan[] = [];
  /** Compressed, of every segment sent. */
  readonly payloads: Uint8Array[] = [];

  constructor({ otlpUrl, encoding, attributes }: SenderOptions) {
    const Exporter = encoding === 'json' ? JsonExporter : ProtobufExporter;
    this.#exporter = new Exporter({ url: `${otlpUrl}/v1/traces`, timeoutMillis: 60_000 });
    this.#resource = resourceFromAttributes(attributes);
    this.#provider = new TracerProvider({
      resource: this.#resource,
      spanProcessors: [new SimpleSpanProcessor({ exporter: this.#finished })],
    });
  }

  get tracer(): ReturnType<TracerProvider['getTracer']> {
    return this.#provider.getTracer('shop', '1.4.2');
  }

  /** Sends the spans that ended. Throws unless they were acknowledged. */
  async flush(): Promise<void> {
    await this.#provider.forceFlush();
    const spans = this.#finished.getFinishedSpans();
    this.#finished.reset();
    await this.#export(spans);
    this.#sent.push(...spans);
  }

  /** Sends segments `from` to `to` of a recording, whose payloads look random. */
  async segments(ids: SegmentIds, from: number, to: number): Promise<void> {
    const now = Date.now();
    const spans: ReadableSpan[] = [];
    for (let index = from; index <= to; index++) {
      const timestamp = now + index * 1000;
      const noise = randomBytes(3000).toString('base64');
      const events = [
        ...(index === 0 ? [{ type: 4, timestamp, data: {} }] : []),
        { type: index === 0 ? 2 : 3, timestamp, data: { noise } },
      ];
      const { header, data } = await makeSegment(
        { ...ids, index, firstTimestamp: timestamp },
        events,
      );
      const links = new Map(ids.traceIds.map((id) => [id, randomBytes(8).toString('hex')]));
      const span = segmentSpan({ header, data, links }, this.#resource, now);
      // The exporter reads no more of a span than the recorder builds.
      spans.push(span as unknown as ReadableSpan);
      this.payloads.push(data);
    }
    await this.#export(spans);
  }

  /** The ordinary spans that were acknowledged, as a store would see them. */
  get sent(): StoredSpan[] {
    const body = ProtobufTraceSerializer.serializeRequest(this.#sent);
    if (body === undefined) throw new Error('the serialiser gave nothing');
    return spansOf(body);
  }

  async stop(): Promise<void> {
    await this.#exporter.shutdown();
    await this.#provider.shutdown();
  }

  #export(spans: ReadableSpan[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#exporter.export(spans, ({ code, error }) => {
        if (Number(code) === 0)
          resolve(); // ExportResultCode.SUCCESS
        else reject(new Error('spans were not acknowledged', { cause: error }));
      });
    });
  }
}
