// Redis: the real coordination store that the coordinator's tests run against.
import { join } from 'node:path';
import { unpackDebianPackages } from './debian.mjs';

export const redisServer = {
  name: 'redis-server',
  /** @param {string} cache */
  prepare(cache) {
    unpackDebianPackages({ directory: join(cache, 'redis-server'), packages: ['redis-server'] });
  },
};
