import { ApiSource, ReplaySourceError } from '@otel-replay/player';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { FakeGrafana, json } from './grafana.fixture';
import { proxyFetch } from './proxy-fetch';

vi.mock('@grafana/runtime', () => import('../runtime.fixture'));

const grafana = new FakeGrafana();
beforeAll(() => grafana.start());
afterAll(() => grafana.stop());
afterEach(() => grafana.asked.splice(0));

const PATH = '/api/datasources/proxy/uid/replays/replay';

describe.each([true, false])('where refusals are thrown: %s', (throwsRefusals) => {
  const ask = proxyFetch('Replays', grafana.backend({ throwsRefusals }));
  const source = new ApiSource({ baseUrl: PATH, fetch: ask });

  const refused = async (status: number, body: unknown): Promise<ReplaySourceError> => {
    grafana.answer = (_request, response) => json(response, status, body);
    const error: unknown = await source.manifest('s').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ReplaySourceError);
    return error as ReplaySourceError;
  };

  it('asks the route of plugin.json, relative to where Grafana is served', async () => {
    grafana.answer = (_request, response) => json(response, 200, { sessions: [] });
    expect(await source.listSessions({ user: 'ada' })).toEqual({ sessions: [] });
    expect(grafana.asked).toEqual([`${PATH}/api/v1/sessions?user=ada`]);
  });

  it.each([
    [400, 'Authentication to data source failed', 'unauthorized', /refused the token/],
    [401, { message: 'Unauthorized' }, 'unauthorized', /login to Grafana/],
    [403, { message: 'Access denied' }, 'unauthorized', /does not let you query.*Access denied/],
    [404, { message: 'Data source not found' }, 'bad_request', /Data source not found/],
    [404, '<html>nothing here</html>', 'bad_request', /no replay API/],
    [502, { message: 'Bad gateway' }, 'unreachable', /gets no answer/],
    [504, '', 'unreachable', /gets no answer/],
    [500, { message: 'Internal' }, 'server', /500/],
  ])('%i %j is %s', async (status, body, kind, message) => {
    const error = await refused(status, body);
    expect(error.kind).toBe(kind);
    expect(error.message).toMatch(message);
  });

  it.each([
    [403, { detail: 'The Host "x" is not localhost' }, 'unauthorized'],
    [404, { detail: 'Gone', reason: 'expired' }, 'no_replay'],
    [503, { detail: 'Later' }, 'server'],
  ])('leaves %i of the replay API in its own words', async (status, problem, kind) => {
    const error = await refused(status, { type: 'about:blank', title: '', status, ...problem });
    expect(error).toMatchObject({ kind, message: problem.detail });
  });

  it('renews the login once, and asks again', async () => {
    let isRenewed = false;
    grafana.answer = ({ url = '' }, response) => {
      isRenewed ||= url.includes('login/ping');
      const body = isRenewed
        ? { sessionId: 's' }
        : { messageId: 'session.token.rotate', message: 'x' };
      json(response, isRenewed ? 200 : 401, body);
    };
    expect(await source.manifest('s')).toEqual({ sessionId: 's' });
    expect(grafana.asked.map((path) => path.split('/').at(-1))).toEqual(['s', 'ping', 's']);
  });

  it('gives up when the login cannot be renewed', async () => {
    const error = await refused(401, { messageId: 'session.token.rotate', message: 'x' });
    expect(error).toMatchObject({ kind: 'unauthorized', message: /Log in again/ });
    expect(grafana.asked).toHaveLength(3);
  });

  it('streams what comes, and stops the request when nobody reads on', async () => {
    let closed: (() => void) | undefined;
    const isClosed = new Promise<void>((done) => (closed = done));
    grafana.answer = (request, response) => {
      response.writeHead(200).write('one');
      request.on('close', () => closed?.());
    };
    const response = await ask(`${PATH}/live`);
    const reader = response.body!.getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('one');
    await reader.cancel();
    await isClosed;
  });

  it('is aborted before and while it streams', async () => {
    grafana.answer = (_request, response) => void response.writeHead(200).write('one');
    const controller = new AbortController();
    const response = await ask(PATH, { signal: controller.signal });
    controller.abort();
    await expect(response.text()).rejects.toMatchObject({ name: 'AbortError' });
    await expect(ask(PATH, { signal: controller.signal })).rejects.toMatchObject({
      name: 'AbortError',
    });
  });

  it('has no body where there must be none', async () => {
    grafana.answer = (_request, response) => void response.writeHead(204).end();
    expect((await ask(PATH)).body).toBeNull();
  });
});

it('says that it is Grafana that does not answer', async () => {
  const gone = await new FakeGrafana().start();
  const ask = proxyFetch('Replays', gone.backend());
  await gone.stop();
  // The port is closed, and reading it now would throw: the request fails as a network does.
  await expect(ask(PATH)).rejects.toMatchObject({
    kind: 'unreachable',
    message: /Grafana does not/,
  });
});
