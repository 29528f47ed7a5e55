/** What was asked for on the command line. */
import { parseArgs } from 'node:util';

export interface Command {
  name: (typeof COMMANDS)[number] | 'help' | 'version';
  /** In the order given. */
  configFiles: string[];
}

export const USAGE = `session-replay-processor: cuts session replay out of OpenTelemetry traces, stores and serves it

  session-replay-processor [run] [--config FILE]...        run; without a file, on the embedded default
  session-replay-processor validate [--config FILE]...     say everything that is wrong with a configuration
  session-replay-processor print-config [--config FILE]... show it with all defaults, secrets redacted
  session-replay-processor print-lifecycle [--config FILE]...
                                                           rules by which S3 removes what keep_for is over for, as JSON
  session-replay-processor rebuild-index [--config FILE]...
                                                           fill the index anew from the store; while others run only if it is shared

  --config FILE   YAML; of several, mappings are merged and lists replaced by the later one
  --help          this text
  --version       the version
`;

/** A mistake on the command line; the message says what to write instead. */
export class UsageError extends Error {
  constructor(message: string) {
    super(`${message}\n\n${USAGE}`);
    this.name = 'UsageError';
  }
}

const COMMANDS = ['run', 'validate', 'print-config', 'print-lifecycle', 'rebuild-index'] as const;

/** Throws {@link UsageError}. */
export function parseCommandLine(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  const configFiles = values.config ?? [];
  if (values.help === true) return { name: 'help', configFiles };
  if (values.version === true) return { name: 'version', configFiles };
  const [word = 'run', extra] = positionals;
  const name = COMMANDS.find((command) => command === word);
  if (name === undefined) {
    const hint = /\.ya?ml$/.test(word) ? `; did you mean --config ${word}?` : '';
    throw new UsageError(`there is no command "${word}"; known: ${COMMANDS.join(', ')}${hint}`);
  }
  if (extra !== undefined) throw new UsageError(`"${extra}" is one word too many`);
  return { name, configFiles };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        config: { type: 'string', multiple: true },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean', short: 'v' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
