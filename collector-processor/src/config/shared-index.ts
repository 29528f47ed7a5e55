/** Where several instances share what is needed to find replays; TLS keys as in the Collector. */
import * as z from 'zod';
import { clientTlsSchema } from './client-tls.js';
import { duration, endpoint, secret } from './scalars.js';

const postgresSchema = z
  .strictObject({
    url: secret()
      .optional()
      .describe(
        '`postgres://user:password@host:5432/database`; instead of, and stronger than, the next four keys. Take it from the environment.',
      ),
    endpoint: endpoint().optional().describe('PostgreSQL 11 or later.'),
    username: z.string().min(1).optional().describe('Role to log in with.'),
    password: secret().optional().describe('Take it from the environment.'),
    database: z.string().min(1).optional().describe('Without it, the one named as the role.'),
    tls: clientTlsSchema.prefault({}).describe('Encryption of the connection.'),
    schema: z
      .string()
      .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'must be lower-case letters, digits and `_`')
      .prefault('session_replay')
      .describe(
        'PostgreSQL schema of the tables, created if missing; instances with the same one share.',
      ),
    max_connections: z.int().min(1).max(100).prefault(10).describe('Of one instance, at most.'),
    timeout: duration({ minMs: 100 })
      .prefault('10s')
      .describe('Of one statement; connecting may take half of it.'),
  })
  .refine(({ url, endpoint: at }) => url !== undefined || at !== undefined, {
    error: 'needs a `url` or an `endpoint`',
  });

export const sharedIndexSchema = z.strictObject({
  postgres: postgresSchema
    .optional()
    .describe(
      'Share the index through PostgreSQL, so that any instance answers any API request. Without it an instance keeps its own, in `file_storage`.',
    ),
});

export type PostgresConfig = NonNullable<z.output<typeof sharedIndexSchema>['postgres']>;
