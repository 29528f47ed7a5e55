/** The shop's settings, all from the environment. */
export interface ShopConfig {
  host: string;
  port: number;
  /** Where the page's own exporter and the recorder send to. */
  browserTracesUrl: string;
  /** Replay viewer, without a slash at the end. */
  viewerUrl: string;
}

/** An environment variable that cannot be used; the message names it and says what would do. */
export class ConfigError extends Error {
  constructor(variable: string, value: string, expected: string) {
    super(`${variable}="${value}" is not ${expected}`);
    this.name = 'ConfigError';
  }
}

/** @throws ConfigError naming the variable */
export function readConfig(env: Readonly<Record<string, string | undefined>>): ShopConfig {
  const otlp = readUrl(env, 'OTEL_EXPORTER_OTLP_ENDPOINT', 'http://127.0.0.1:4318');
  return {
    host: env['HOST'] ?? '127.0.0.1',
    port: readPort(env, 'PORT', 3000),
    // A page often reaches the endpoint by another name than the server does.
    browserTracesUrl: `${readUrl(env, 'BROWSER_OTLP_ENDPOINT', otlp)}/v1/traces`,
    viewerUrl: readUrl(env, 'VIEWER_URL', 'http://127.0.0.1:8787'),
  };
}

type Environment = Readonly<Record<string, string | undefined>>;

function readPort(env: Environment, variable: string, fallback: number): number {
  const value = env[variable];
  if (value === undefined || value === '') return fallback;
  const port = Number(value);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new ConfigError(variable, value, 'a port: 0 (any free one) to 65535');
  }
  return port;
}

function readUrl(env: Environment, variable: string, fallback: string): string {
  const value = env[variable];
  if (value === undefined || value === '') return fallback;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new ConfigError(variable, value, 'an http or https URL, e.g. http://127.0.0.1:4318');
  }
  return value.replace(/\/+$/, '');
}
