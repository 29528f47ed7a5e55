/** What the page was watched with and recorded by, in words. */
import type { EnvironmentValue, PageEnvironment } from '@otel-replay/protocol';
import { softwareOf } from './user-agent.js';

type TextFact = readonly [name: string, value: string | undefined];

/** @param window size of the recorded page */
export function browserFacts(
  environment: PageEnvironment,
  window: { width: number; height: number },
): TextFact[] {
  const of = reader(environment);
  const agent = of('user_agent.original');
  const { browser, system } = softwareOf(agent ?? '');
  const named = join(of('user_agent.name'), of('user_agent.version'));
  const device = join(of('device.manufacturer'), of('device.model.name'));
  return [
    ['Browser', named ?? browser ?? of('browser.brands')],
    [
      'System',
      join(of('os.name'), of('os.version')) ??
        of('user_agent.os.name') ??
        system ??
        of('browser.platform'),
    ],
    ['Device', device ?? (environment['browser.mobile'] === true ? 'mobile' : undefined)],
    ['Screen', of('session_replay.screen')?.replace(/^(\d+)x(\d+)$/, '$1 × $2 px')],
    ['Window', `${Math.round(window.width)} × ${Math.round(window.height)} px`],
    ['Language', of('browser.language')],
    ['User agent', agent],
  ];
}

export function recorderFacts(environment: PageEnvironment): TextFact[] {
  const of = reader(environment);
  const rate = environment['session_replay.sample_rate'];
  const language = of('telemetry.sdk.language');
  return [
    ['Recorder', of('session_replay.recorder')?.replace('/', ' ')],
    [
      'OpenTelemetry SDK',
      join(of('telemetry.sdk.name'), of('telemetry.sdk.version'), language && `(${language})`),
    ],
    ['Distribution', join(of('telemetry.distro.name'), of('telemetry.distro.version'))],
    ['Service version', of('service.version')],
    ['Deployment', of('deployment.environment.name') ?? of('deployment.environment')],
    ['Sent', SENT[of('session_replay.mode') ?? '']],
    [
      'Sampled',
      typeof rate === 'number' && rate < 1 ? `${percentText(rate)} of sessions` : undefined,
    ],
  ];
}

const SENT: Readonly<Record<string, string>> = {
  stream: 'all the time',
  buffer: 'once the browser saw a reason to',
};

function reader(environment: PageEnvironment): (name: string) => string | undefined {
  return (name) => (Object.hasOwn(environment, name) ? textOf(environment[name]) : undefined);
}

/** Whoever can send spans can say anything. */
function textOf(value: EnvironmentValue | undefined): string | undefined {
  if (value === undefined || value === '') return undefined;
  return (Array.isArray(value) ? value.join(', ') : String(value)).slice(0, 500);
}

function join(...parts: readonly (string | undefined)[]): string | undefined {
  const [first] = parts;
  return first === undefined ? undefined : parts.filter((part) => part !== undefined).join(' ');
}

function percentText(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}
