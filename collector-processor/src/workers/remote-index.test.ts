import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeSummary } from '../index/contract.js';
import type { SessionIndex } from '../index/index.js';
import { createSqliteIndex } from '../index/sqlite.js';
import { SharedIndex } from './remote-index.js';

let directory: string;
let index: SessionIndex;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lent-'));
  index = createSqliteIndex({ file: join(directory, 'index.sqlite'), commitIntervalMs: 1 });
  await index.start();
});
afterEach(async () => {
  await index.stop();
  await rm(directory, { recursive: true });
});

it('is opened and closed by its owner only', async () => {
  const lent = new SharedIndex(index).lend(1);
  expect(await lent.start()).toEqual({ rebuild: false });
  await lent.stop();
  await lent.putSession(makeSummary('s'));
  expect(await index.activeSessions()).toEqual(['s']);
});

it('gives each active session to one worker: who had it last, or who asks first', async () => {
  await index.putSession(makeSummary('of an earlier run'));
  const shared = new SharedIndex(index);
  const [one, two] = [shared.lend(1), shared.lend(2)];
  await one.putSession(makeSummary('mine'));
  await two.putSession(makeSummary('moved'));
  await one.putSession(makeSummary('moved'));
  await two.putSession(makeSummary('over'));
  await two.putSession(makeSummary('over', { state: 'ended' }));
  expect(await two.activeSessions()).toEqual(['of an earlier run']);
  expect((await one.activeSessions()).sort()).toEqual(['mine', 'moved']);
  expect(await two.activeSessions()).toEqual(['of an earlier run']);
});
