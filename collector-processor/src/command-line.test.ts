import { describe, expect, it } from 'vitest';
import { parseCommandLine, UsageError } from './command-line.js';

describe('command line', () => {
  it.each([
    [[], { name: 'run', configFiles: [] }],
    [['--config=a.yaml', '--config', 'b.yaml'], { name: 'run', configFiles: ['a.yaml', 'b.yaml'] }],
    [['validate', '--config', 'a.yaml'], { name: 'validate', configFiles: ['a.yaml'] }],
    [['print-config'], { name: 'print-config', configFiles: [] }],
    [['print-lifecycle'], { name: 'print-lifecycle', configFiles: [] }],
    [['rebuild-index'], { name: 'rebuild-index', configFiles: [] }],
    [['run', '--help'], { name: 'help', configFiles: [] }],
  ])('%j', (args, command) => {
    expect(parseCommandLine(args)).toEqual(command);
  });

  it.each([
    [
      ['start'],
      'there is no command "start"; known: run, validate, print-config, print-lifecycle, rebuild-index',
    ],
    [['config.yaml'], 'did you mean --config config.yaml?'],
    [['run', 'now'], '"now" is one word too many'],
    [['--confg', 'a'], "Unknown option '--confg'"],
    [['--config'], 'argument missing'],
    [['print-lifecycle', '--keep-for', '30d'], "Unknown option '--keep-for'"],
  ])('%j is a mistake', (args, message) => {
    expect(() => parseCommandLine(args)).toThrow(UsageError);
    expect(() => parseCommandLine(args)).toThrow(message);
  });
});
