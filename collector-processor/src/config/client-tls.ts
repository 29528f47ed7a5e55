/** TLS of connections that we open; the keys are the Collector’s. */
import * as z from 'zod';

const file = () => z.string().min(1, 'must name a file').optional();

export const clientTlsSchema = z.strictObject({
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

export type ClientTlsConfig = z.output<typeof clientTlsSchema>;
