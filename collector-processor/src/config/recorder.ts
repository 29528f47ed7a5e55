/** Remote configuration of recorders: what the receivers answer to browsers that ask. */
import type { RecorderConfig } from '@otel-replay/protocol';
import * as z from 'zod';
import { duration } from './scalars.js';

const percentage = () => z.number().min(0).max(100);

const settings = {
  enabled: z
    .boolean()
    .describe('`false` stops recorders everywhere, within `max_age`: the kill switch.'),
  session_sampling_percentage: percentage()
    .optional()
    .describe('Sessions that are sent from their start. Default: what the page says.'),
  error_sampling_percentage: percentage()
    .optional()
    .describe(
      'Of the other sessions, those that are buffered in the browser and sent around errors. Default: what the page says.',
    ),
  canary_percentage: percentage()
    .optional()
    .describe('Sessions that are recorded at all; the same ones as it rises. Default: all.'),
};

const serviceSchema = z.strictObject({
  ...settings,
  enabled: settings.enabled.optional(),
});

export const recorderSchema = z.strictObject({
  ...settings,
  enabled: settings.enabled.prefault(true),
  max_age: duration({ minMs: 1000, maxMs: 24 * 3_600_000 })
    .prefault('5m')
    .describe('How long a browser goes by an answer before it asks again.'),
  services: z
    .record(z.string(), serviceSchema)
    .prefault({})
    .describe(
      'By `service.name` of the page: `enabled` and the percentages, which go before the above.',
    ),
});

/** Once read. */
export type RecorderSettings = z.output<typeof recorderSchema>;

/** What a page of `service` is told. */
export function recorderConfigOf(settings: RecorderSettings, service: string): RecorderConfig {
  // A page may call itself `constructor`.
  const own = Object.hasOwn(settings.services, service) ? settings.services[service] : undefined;
  const share = (percent: number | undefined): number | undefined =>
    percent === undefined ? undefined : percent / 100;
  const shares = {
    sessionSampleRate: share(
      own?.session_sampling_percentage ?? settings.session_sampling_percentage,
    ),
    errorSampleRate: share(own?.error_sampling_percentage ?? settings.error_sampling_percentage),
    canaryShare: share(own?.canary_percentage ?? settings.canary_percentage),
  };
  const known = Object.entries(shares).filter(([, value]) => value !== undefined);
  // The switch for all goes before that of one: it is for emergencies.
  const enabled = settings.enabled && own?.enabled !== false;
  return { enabled, ...(Object.fromEntries(known) as Omit<RecorderConfig, 'enabled'>) };
}
