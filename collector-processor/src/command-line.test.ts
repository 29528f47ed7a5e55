import { describe, expect, it } from 'vitest';
import { parseCommandLine, UsageError } from './command-line.js';

describe('command line', () => {
  it.each([
    [[], { name: 'run', configFiles: [] }],
    [['--config=a.yaml', '--config', 'b.yaml'], { name: 'run', configFiles: ['a.yaml', 'b.yaml'] }],
    [['validate', '--config', 'a.yaml'], { name: 'validate', configFiles: ['a.yaml'] }],
    [['print-config'], { name: 'print-config', configFiles: [] }],
    [
      ['print-lifecycle', '--keep-for', '30d'],
      { name: 'print-lifecycle', configFiles: [], keepForMs: 30 * 86_400_000 },
    ],
    [['run', '--help'], { name: 'help', configFiles: [] }],
  ])('%j', (args, command) => {
    expect(parseCommandLine(args)).toEqual(command);
  });

  it.each([
    [['start'], 'there is no command "start"; known: run, validate, print-config, print-lifecycle'],
    [['config.yaml'], 'did you mean --config config.yaml?'],
    [['run', 'now'], '"now" is one word too many'],
    [['--confg', 'a'], "Unknown option '--confg'"],
    [['--config'], 'argument missing'],
    [['print-lifecycle'], 'such as 30d or 720h'],
    [['print-lifecycle', '--keep-for', '0d'], 'such as 30d or 720h'],
    [['run', '--keep-for', '30d'], '--keep-for is of print-lifecycle'],
  ])('%j is a mistake', (args, message) => {
    expect(() => parseCommandLine(args)).toThrow(UsageError);
    expect(() => parseCommandLine(args)).toThrow(message);
  });
});
