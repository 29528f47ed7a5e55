/** Starting: what a person sees who made a mistake. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createHarness } from './support/harness.js';
import { launch, startProcessor } from './support/processor.js';

const harness = createHarness();

describe('starting', () => {
  it('prints the embedded default, which is valid', async () => {
    const print = launch(['print-config']);
    expect(await print.exited).toEqual({ code: 0, signal: null });
    expect(print.stdout).toContain('endpoint: localhost:4318');
    const file = join(await harness.directory(), 'printed.yaml');
    await writeFile(file, print.stdout);
    const validate = launch(['validate', '--config', file]);
    expect(await validate.exited).toEqual({ code: 0, signal: null });
    expect(validate.stdout).toBe('The configuration is valid.\n');
  });

  it('lists every mistake with its line and does not start', async () => {
    const file = join(await harness.directory(), 'config.yaml');
    await writeFile(file, 'receivers: { otlp: }\nprocessors: { session_replay: { pre_rol: 3 } }\n');
    const run = launch(['--config', file]);
    expect(await run.exited).toEqual({ code: 1, signal: null });
    expect(run.log).toBe(
      [
        'The configuration has 3 problems:',
        `  ${file}: exporters: is required: Where data goes.`,
        `  ${file}: service: is required: What of the above runs, and how it is joined.`,
        `  ${file}:2: processors.session_replay.pre_rol: unknown key; did you mean "pre_roll"?`,
      ].join('\n'),
    );
  });

  it('answers a wrong command with the right ones', async () => {
    const run = launch(['start']);
    expect(await run.exited).toEqual({ code: 2, signal: null });
    expect(run.log).toContain(
      'there is no command "start"; known: run, validate, print-config, print-lifecycle, rebuild-index',
    );
  });

  it('names a taken port, its key and the way out', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    harness.onEnd(() => new Promise((resolve) => other.close(resolve)));
    const { port } = other.address() as AddressInfo;
    const config = `receivers: { otlp: { protocols: { http: { endpoint: 'localhost:${port}' } } } }`;
    const start = startProcessor({ directory: await harness.directory(), config });
    await expect(start).rejects.toThrow(
      `port ${port} on 127.0.0.1 is taken by another process; stop that one, or set receivers.otlp.protocols.http.endpoint to another port`,
    );
  });

  it('refuses a second process on the same data', async () => {
    const directory = await harness.directory();
    const first = await harness.start({ directory });
    const second = startProcessor({ directory });
    await expect(second).rejects.toThrow(`is in use by process ${first.pid}`);
    expect((await fetch(await first.url('health_check'))).status).toBe(200);
  });
});
