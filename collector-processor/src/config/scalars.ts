/**
 * The scalars of the configuration: written as the Collector's users write them, read into plain
 * numbers (milliseconds, bytes). Codecs, so that the same schema prints what it has read.
 */
import * as z from 'zod';

/** A value that logs and `print-config` must not show. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself; for the one place that compares or sends it. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }
}

export const REDACTED = '[REDACTED]';

const DURATION = /^(?:0|(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+)$/;
/** Go knows no days; where a time is long they are read all the same. */
const DURATION_WITH_DAYS = /^(?:0|(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h|d))+)$/;
const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds of a Go duration such as `1h30m`. The caller has checked the form. */
export function parseDuration(text: string): number {
  let ms = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d)/g)) {
    ms += Number(amount) * (UNIT_MS[unit ?? ''] ?? 0);
  }
  return ms;
}

/** The shortest Go duration: 5400000 is `1h30m`. */
export function formatDuration(ms: number): string {
  if (ms < 1 || !Number.isInteger(ms)) return `${ms}ms`;
  let rest = ms;
  let out = '';
  for (const [unit, size] of [
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
    ['ms', 1],
  ] as const) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) out += `${count}${unit}`;
  }
  return out;
}

const DURATION_HELP = 'must be a duration with a unit, such as 300ms, 30s, 5m or 1h30m';

/** A Go duration, read as milliseconds; with `days`, `30d` too. */
export function duration(options: { minMs?: number; maxMs?: number; days?: boolean } = {}) {
  const { minMs = 0, maxMs = Number.MAX_SAFE_INTEGER, days = false } = options;
  const form = days ? DURATION_WITH_DAYS : DURATION;
  return z
    .codec(z.string({ error: DURATION_HELP }).regex(form, DURATION_HELP), z.number(), {
      decode: (text, context) => {
        const ms = parseDuration(text);
        if (ms >= minMs && ms <= maxMs) return ms;
        const message =
          ms < minMs
            ? `must be at least ${formatDuration(minMs)}`
            : `must be at most ${formatDuration(maxMs)}`;
        context.issues.push({ code: 'custom', message, input: text });
        return z.NEVER;
      },
      encode: formatDuration,
    })
    .meta({ title: 'duration' });
}

const SIZE = /^(\d[\d_]*(?:\.\d+)?)\s*(B|KiB|MiB|GiB|TiB|KB|MB|GB|TB)?$/;
const SIZE_UNIT: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
};

/** The largest binary unit that divides it: 8388608 is `8MiB`. */
export function formatSize(bytes: number): string | number {
  for (const unit of ['GiB', 'MiB', 'KiB'] as const) {
    const size = SIZE_UNIT[unit] ?? 1;
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return bytes;
}

const SIZE_HELP = 'must be a size: bytes as a number, or with a unit such as 512KiB, 8MiB or 2GiB';

/** Bytes as an integer or with a unit, read as bytes. */
export function size(limits: { minBytes?: number; maxBytes?: number } = {}) {
  const { minBytes = 0, maxBytes = Number.MAX_SAFE_INTEGER } = limits;
  const text = z.string().regex(SIZE, SIZE_HELP);
  return z
    .codec(z.union([z.int().min(0), text], { error: SIZE_HELP }), z.number(), {
      decode: (value, context) => {
        const [, amount = '', unit = 'B'] = SIZE.exec(String(value)) ?? [];
        const bytes = Math.round(Number(amount.replaceAll('_', '')) * (SIZE_UNIT[unit] ?? 1));
        if (bytes >= minBytes && bytes <= maxBytes) return bytes;
        const message =
          bytes < minBytes
            ? `must be at least ${formatSize(minBytes)}`
            : `must be at most ${formatSize(maxBytes)}`;
        context.issues.push({ code: 'custom', message, input: value });
        return z.NEVER;
      },
      encode: formatSize,
    })
    .meta({ title: 'size' });
}

/** Where a server listens. */
export interface Endpoint {
  /** Name or address, without brackets. */
  host: string;
  port: number;
}

const ENDPOINT = /^(\[[0-9a-fA-F:.]+\]|[^:[\]/\s]*):(\d{1,5})$/;
const ENDPOINT_HELP =
  'must be host:port, such as localhost:4318 (this machine only) or 0.0.0.0:4318 (every interface)';

export function formatEndpoint({ host, port }: Endpoint): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** `host:port` to listen on. */
export function endpoint() {
  return z
    .codec(
      z.string({ error: ENDPOINT_HELP }).regex(ENDPOINT, ENDPOINT_HELP),
      z.object({ host: z.string(), port: z.number() }),
      {
        decode: (text, context): Endpoint => {
          const [, host = '', port = ''] = ENDPOINT.exec(text) ?? [];
          if (Number(port) <= 65535) {
            // As in Go: no host means every interface.
            return { host: host.replace(/^\[|\]$/g, '') || '0.0.0.0', port: Number(port) };
          }
          context.issues.push({
            code: 'custom',
            message: 'has a port above 65535; ports go from 0 (any free one) to 65535',
            input: text,
          });
          return z.NEVER;
        },
        encode: formatEndpoint,
      },
    )
    .meta({ title: 'host:port' });
}

/** An `http://` or `https://` URL of a server. */
export function httpUrl() {
  const help = 'must be a URL such as http://otel-collector:4318';
  return z
    .string({ error: help })
    .refine((text) => /^https?:\/\//.test(text) && URL.canParse(text), { error: help })
    .meta({ title: 'URL' });
}

/** A text that is never printed. */
export function secret() {
  return z
    .codec(
      z
        .string({ error: 'must be a text; quote it if it looks like a number' })
        .min(1, 'is empty; set the environment variable it comes from, or remove the key'),
      z.instanceof(Secret),
      { decode: (text) => new Secret(text), encode: () => REDACTED },
    )
    .meta({ title: 'secret', writeOnly: true });
}
