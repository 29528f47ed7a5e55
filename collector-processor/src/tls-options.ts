/** From the configuration of TLS to what Node takes. */
import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import type { ClientTlsConfig } from './config/index.js';

/** Throws when a file cannot be read. */
export function tlsOptions(tls: ClientTlsConfig): ConnectionOptions {
  return {
    ...(tls.ca_file === undefined ? {} : { ca: readFileSync(tls.ca_file, 'utf8') }),
    ...(tls.cert_file === undefined ? {} : { cert: readFileSync(tls.cert_file, 'utf8') }),
    ...(tls.key_file === undefined ? {} : { key: readFileSync(tls.key_file, 'utf8') }),
    ...(tls.server_name_override === undefined ? {} : { servername: tls.server_name_override }),
    rejectUnauthorized: !tls.insecure_skip_verify,
  };
}
