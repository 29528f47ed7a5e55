/** For the kill -9 test: appends until it dies and prints the name of each acknowledged record. */
import { writeSync } from 'node:fs';
import { encodeRecord } from '@otel-replay/protocol';
import { openJournal } from './journal.js';

const [directory, round] = process.argv.slice(2);
if (directory === undefined) throw new Error('give a directory');

const journal = await openJournal({ directory, maxFileBytes: 200_000 });
await journal.replay(() => undefined);

/** At once, and whole: a reader that is slow fills the pipe for a while. */
function say(text: string): void {
  for (let done = false; !done;) {
    try {
      writeSync(1, text);
      done = true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}

async function append(worker: number): Promise<never> {
  for (let i = 0; ; i++) {
    const name = `${round}-${worker}-${i}`;
    await journal.append(
      encodeRecord({
        kind: 'signal',
        header: { sessionId: 's', kind: 'manual', timestamp: 1, origin: 'browser', name },
        payload: new Uint8Array(3000 + worker),
      }),
    );
    say(`${name}\n`);
  }
}

await Promise.all([0, 1, 2, 3].map(append));
