/**
 * What a page was watched with and recorded by: attributes under their OpenTelemetry names, of the
 * Resource and of the segment. The processor takes them from segments that hold a checkpoint.
 */
import {
  ATTR_MODE,
  ATTR_RECORDER,
  ATTR_SAMPLE_RATE,
  ATTR_SCREEN,
  ATTR_USER_AGENT,
} from './names.js';

export type EnvironmentValue = string | number | boolean | readonly string[];

/** By attribute name; only of {@link ENVIRONMENT_ATTRIBUTES}. */
export type PageEnvironment = Readonly<Record<string, EnvironmentValue>>;

/** What is kept of them: it says what software it was, not whose. */
export const ENVIRONMENT_ATTRIBUTES: readonly string[] = [
  ...[ATTR_USER_AGENT, 'user_agent.name', 'user_agent.version', 'user_agent.os.name'],
  ...['browser.brands', 'browser.platform', 'browser.mobile', 'browser.language'],
  ...['os.name', 'os.type', 'os.version', 'device.manufacturer', 'device.model.name'],
  ...[ATTR_SCREEN, ATTR_RECORDER, ATTR_MODE, ATTR_SAMPLE_RATE],
  ...['service.namespace', 'service.version'],
  ...['deployment.environment.name', 'deployment.environment'],
  ...['telemetry.sdk.name', 'telemetry.sdk.language', 'telemetry.sdk.version'],
  ...['telemetry.distro.name', 'telemetry.distro.version'],
];

/** They are kept once for each checkpoint: what is longer is cut. */
const MAX_CHARACTERS = 256;
const MAX_ITEMS = 8;

/**
 * @param sources attribute maps; where several have a name the first one wins
 * @returns undefined when none of them has any
 */
export function environmentOf(
  ...sources: readonly ReadonlyMap<string, unknown>[]
): PageEnvironment | undefined {
  const found: Record<string, EnvironmentValue> = {};
  for (const name of ENVIRONMENT_ATTRIBUTES) {
    for (const source of sources) {
      const value = bounded(source.get(name));
      if (value === undefined) continue;
      found[name] = value;
      break;
    }
  }
  return Object.keys(found).length === 0 ? undefined : found;
}

/** Undefined for what is empty or of another type. */
function bounded(value: unknown): EnvironmentValue | undefined {
  switch (typeof value) {
    case 'string':
      return value === '' ? undefined : value.slice(0, MAX_CHARACTERS);
    case 'bigint':
      return Number(value);
    case 'number':
      return Number.isFinite(value) ? value : undefined;
    case 'boolean':
      return value;
    default: {
      if (!Array.isArray(value)) return undefined;
      const items = value.filter((item): item is string => typeof item === 'string' && item !== '');
      const kept = items.slice(0, MAX_ITEMS).map((item) => item.slice(0, MAX_CHARACTERS));
      return kept.length === 0 ? undefined : kept;
    }
  }
}
