// Ceph's S3 gateway: the real S3 server that the store's tests run against.
import { join } from 'node:path';
import { unpackDebianPackages } from './debian.mjs';

export const radosgw = {
  name: 'radosgw',
  /** @param {string} cache */
  prepare(cache) {
    unpackDebianPackages({
      directory: join(cache, 'radosgw'),
      packages: ['radosgw', 'ceph-mon', 'ceph-osd'],
      // For disks, logins and the command line in Python, which the harness does without.
      without:
        /^(?:python3-|sudo|lvm2|dmeventd|parted|smartmontools|nvme-cli|xfsprogs|hdparm|gdisk|logrotate|cryptsetup-bin|dmidecode)/,
    });
  },
};
