/** The replay API as the player's own tests serve it, in a process of its own: its sources are not ours. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PROGRAM = `
  import { ReplayServer, openFixture } from './player/test/replay-server.ts';
  const fixture = await openFixture();
  // Others for the list: only the first can be played.
  const others = JSON.parse(process.env.OTHERS).map((change, index) => {
    const shift = (index + 1) * 3_700_000;
    const { firstTimestamp, lastTimestamp } = fixture.session;
    const times = { firstTimestamp: firstTimestamp - shift, lastTimestamp: lastTimestamp - shift / 2 };
    return { session: { ...fixture.session, ...times, sessionId: 'other-' + index, ...change } };
  });
  const server = new ReplayServer({ viewerFolder: '', sessions: [fixture, ...others] });
  server.token = process.env.TOKEN;
  console.log(await server.start());
`;

export interface ReplayApi {
  url: string;
  stop: () => void;
}

export interface ReplayApiOptions {
  /** That it wants. */
  token: string;
  /** Sessions besides the fixture, as changes to it. */
  others?: object[];
}

export async function startReplayApi({ token, others = [] }: ReplayApiOptions): Promise<ReplayApi> {
  const child: ChildProcess = spawn(
    process.execPath,
    ['--import', 'tsx', '--conditions=otel-replay-source', '--input-type=module', '-e', PROGRAM],
    {
      cwd: ROOT,
      env: { ...process.env, TOKEN: token, OTHERS: JSON.stringify(others) },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const stop = () => void child.kill();
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the replay API ended with code ${String(code)}`);
  });
  const [chunk] = (await Promise.race([once(child.stdout!, 'data'), ended])) as [Buffer];
  ended.catch(() => undefined);
  return { url: chunk.toString().trim(), stop };
}
