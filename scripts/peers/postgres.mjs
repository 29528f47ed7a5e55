// PostgreSQL: the real shared index that the index's tests run against.
import { join } from 'node:path';
import { unpackDebianPackages } from './debian.mjs';

export const postgres = {
  name: 'postgres',
  /** @param {string} cache */
  prepare(cache) {
    unpackDebianPackages({
      directory: join(cache, 'postgres'),
      packages: ['postgresql'],
      // For machine code, logins, cluster scripts and log files, which the tests do without.
      without:
        /^(?:libllvm|postgresql-\d+-jit|perl|libperl|liberror|libjson-perl|sudo|logrotate|ssl-cert|sysstat|cron)/,
    });
  },
};
