/** Structured logs: one JSON object a line on stderr, or readable lines for a terminal. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

const ORDER: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

export interface LoggerOptions {
  level: LogLevel;
  encoding: 'json' | 'console';
  write?: (line: string) => void;
}

export function createLogger(options: LoggerOptions): Logger {
  const write = options.write ?? ((line: string) => void process.stderr.write(line));
  const log =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      if (ORDER.indexOf(level) < ORDER.indexOf(options.level)) return;
      const time = new Date().toISOString();
      write(
        options.encoding === 'json'
          ? `${JSON.stringify({ time, level, message, ...plain(fields) })}\n`
          : `${time} ${level.padEnd(5)} ${message}${readable(fields)}\n`,
      );
    };
  return { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
}

/** Every line has these fields too. */
export function withFields(logger: Logger, fields: LogFields): Logger {
  const log =
    (level: LogLevel) =>
    (message: string, more: LogFields = {}): void =>
      logger[level](message, { ...fields, ...more });
  return { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
}

/** For tests and tools that want silence. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

function plain(fields: LogFields): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([k, v]) => [k, v instanceof Error ? v.message : v]),
  );
}

function readable(fields: LogFields): string {
  return Object.entries(plain(fields))
    .map(([k, v]) => ` ${k}=${typeof v === 'string' ? v : JSON.stringify(v)}`)
    .join('');
}
