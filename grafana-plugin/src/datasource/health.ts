/** "Save & test": is it a replay API, does it let us in, can it read its store? */
import type { TestDataSourceResponse } from '@grafana/data';
import { ReplaySourceError, type ReplaySource } from '@otel-replay/player';

/** @param api address of the replay API, without `/api/v1` */
export async function testReplayApi(
  api: string,
  ask: typeof fetch,
  source: ReplaySource,
): Promise<TestDataSourceResponse> {
  try {
    const version = await versionOf(await ask(`${api}/api/v1/info`));
    const { sessions } = await source.listSessions({ limit: 1 });
    const newest = sessions[0];
    const found =
      newest === undefined
        ? 'No session is kept yet.'
        : `The newest session began ${new Date(newest.firstTimestamp).toISOString().replace('T', ' ').slice(0, 16)} UTC.`;
    return { status: 'success', message: `Connected to OTel Replay ${version}. ${found}` };
  } catch (error) {
    if (!(error instanceof ReplaySourceError)) {
      throw error;
    }
    return { status: 'error', message: error.message };
  }
}

async function versionOf(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => undefined);
  const { name, version, detail } = Object(body) as Record<string, unknown>;
  if (name === 'otel-replay' && typeof version === 'string') {
    return version;
  }
  if (typeof detail === 'string') {
    const kind = response.status === 403 || response.status === 401 ? 'unauthorized' : 'server';
    throw new ReplaySourceError(kind, `The replay API answers: ${detail}`);
  }
  throw new ReplaySourceError(
    'corrupt',
    'What answers at this URL is no replay API. It must be the address of the processor’s replay_api, port 8787 by default; the OTLP port 4318 and Tempo’s 3200 are others.',
  );
}
