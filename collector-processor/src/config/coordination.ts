/** Where several instances share their decisions; TLS keys as in the Collector. */
import * as z from 'zod';
import { endpoint, secret } from './scalars.js';

const file = () => z.string().min(1, 'must name a file').optional();

const tlsSchema = z.strictObject({
  insecure: z.boolean().prefault(true).describe('`false` speaks TLS.'),
  ca_file: file().describe('Authorities to trust instead of the system’s, PEM.'),
  cert_file: file().describe('Certificate to show, PEM.'),
  key_file: file().describe('Its private key, PEM.'),
  server_name_override: z.string().min(1).optional().describe('Name the certificate must carry.'),
  insecure_skip_verify: z
    .boolean()
    .prefault(false)
    .describe('Take any certificate; for tests only.'),
});

export const coordinationSchema = z.strictObject({
  redis: z
    .strictObject({
      endpoint: endpoint().describe('Redis 7.0 or later, or Valkey.'),
      username: z.string().min(1).optional().describe('Without it the default user.'),
      password: secret().optional().describe('Take it from the environment.'),
      tls: tlsSchema.prefault({}).describe('Encryption of the connection.'),
      database: z.int().min(0).prefault(0).describe('Number of the database.'),
      key_prefix: z
        .string()
        .prefault('session_replay:')
        .describe('Of every key; instances with the same one share.'),
    })
    .optional()
    .describe('Share decisions through Redis. Without it an instance is on its own.'),
});

export type RedisConfig = NonNullable<z.output<typeof coordinationSchema>['redis']>;
