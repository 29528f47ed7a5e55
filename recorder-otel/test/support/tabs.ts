/**
 * Chromium by its own protocol, for what a test library takes away from a page: real background
 * tabs (it keeps all pages visible) and prerendering (it is off while anything is attached).
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { CHROMIUM_ARGS, CHROMIUM_PATH } from './chromium.js';

interface Answer {
  targetId: string;
  sessionId: string;
  targetInfos: { targetId: string; type: string; url: string }[];
  result: { value: unknown };
}

export class Tabs {
  readonly #profile = mkdtempSync(join(tmpdir(), 'tabs-'));
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #process: ChildProcess | undefined;
  #lastId = 0;

  start(): void {
    const args = [
      ...CHROMIUM_ARGS,
      '--remote-debugging-pipe',
      `--user-data-dir=${this.#profile}`,
      'about:blank',
    ];
    const stdio = ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] as const;
    this.#process = spawn(CHROMIUM_PATH, args, { stdio: [...stdio] });
    let text = '';
    (this.#process.stdio[4] as Readable).setEncoding('utf8').on('data', (chunk: string) => {
      const messages = (text + chunk).split('\0');
      text = messages.pop()!;
      for (const message of messages) {
        const { id, result } = JSON.parse(message) as { id?: number; result: Answer };
        if (id !== undefined) this.#waiting.get(id)?.(result);
      }
    });
  }

  async stop(): Promise<void> {
    const child = this.#process;
    if (child) {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      void this.#send('Browser.close', {});
      await gone;
    }
    // The processes of its tabs write until the last moment.
    const retry = { maxRetries: 20, retryDelay: 200 };
    rmSync(this.#profile, { recursive: true, force: true, ...retry });
  }

  /** Opens a tab; nothing is attached to it. */
  async open(url: string, background = false): Promise<string> {
    return (await this.#send('Target.createTarget', { url, background })).targetId;
  }

  async bringToFront(targetId: string): Promise<void> {
    await this.#send('Target.activateTarget', { targetId });
  }

  async close(targetId: string): Promise<void> {
    await this.#send('Target.closeTarget', { targetId });
  }

  /** What an expression is in the tab; attaches for as long as it takes. */
  async evaluate(targetId: string, expression: string): Promise<unknown> {
    const { sessionId } = await this.#send('Target.attachToTarget', { targetId, flatten: true });
    const about = { expression, returnByValue: true, awaitPromise: true };
    const { result } = await this.#send('Runtime.evaluate', about, sessionId);
    await this.#send('Target.detachFromTarget', { sessionId });
    return result.value;
  }

  /** A click by the user, as far as the page can tell. */
  async click(targetId: string, x: number, y: number): Promise<void> {
    const { sessionId } = await this.#send('Target.attachToTarget', { targetId, flatten: true });
    for (const type of ['mousePressed', 'mouseReleased']) {
      const event = { type, x, y, button: 'left', clickCount: 1 };
      await this.#send('Input.dispatchMouseEvent', event, sessionId);
    }
    await this.#send('Target.detachFromTarget', { sessionId });
  }

  #send(method: string, params: object, sessionId?: string): Promise<Answer> {
    const id = ++this.#lastId;
    const answer = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve));
    const message = JSON.stringify({ id, method, params, sessionId });
    (this.#process!.stdio[3] as Writable).write(`${message}\0`);
    return answer;
  }
}
