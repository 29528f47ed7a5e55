/** A configuration as YAML, complete with defaults, secrets redacted. */
import { stringify } from 'yaml';
import * as z from 'zod';
import { configSchema, type Config } from './schema.js';

export function printConfig(config: Config): string {
  return stringify(z.encode(configSchema, config), { lineWidth: 100 });
}
