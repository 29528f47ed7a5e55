import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

test('is harmless where there is no document: importing, spans, flush, shutdown', () => {
  const script = `
    const { SessionReplaySpanProcessor } = await import('recorder-otel');
    const span = {
      spanContext: () => ({ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }),
      setAttribute: () => { throw new Error('nothing to stamp'); },
    };
    const replay = new SessionReplaySpanProcessor({ url: 'http://127.0.0.1:1/v1/traces' });
    replay.onStart(span);
    replay.onEnd(span);
    replay.start();
    replay.stop();
    await replay.forceFlush();
    await replay.shutdown();
    console.log(String(replay.sessionId), String(replay.recordingId));`;
  const output = execFileSync(
    process.execPath,
    ['--import', 'tsx', '--conditions=otel-replay-source', '--input-type=module', '-e', script],
    { cwd: import.meta.dirname, encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } },
  );
  expect(output.trim()).toBe('undefined undefined');
});
