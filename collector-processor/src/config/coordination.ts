/** Where several instances share their decisions. */
import * as z from 'zod';
import { clientTlsSchema } from './client-tls.js';
import { endpoint, secret } from './scalars.js';

export const coordinationSchema = z.strictObject({
  redis: z
    .strictObject({
      endpoint: endpoint().describe('Redis 7.0 or later, or Valkey.'),
      username: z.string().min(1).optional().describe('Without it the default user.'),
      password: secret().optional().describe('Take it from the environment.'),
      tls: clientTlsSchema.prefault({}).describe('Encryption of the connection.'),
      database: z.int().min(0).prefault(0).describe('Number of the database.'),
      key_prefix: z
        .string()
        .prefault('session_replay:')
        .describe('Of every key; instances with the same one share.'),
    })
    .optional()
    .describe('Share decisions through Redis. Without it an instance is on its own.'),
});
