/** The smallest Ceph that serves S3: one monitor, one OSD in memory, one gateway, no replicas. */
import { join } from 'node:path';

export interface CephSettings {
  /** Where the Debian packages were unpacked. */
  root: string;
  /** Everything Ceph writes; thrown away at the end. */
  directory: string;
  fsid: string;
  monitorPort: number;
  gatewayPort: number;
}

/** Of Debian on amd64 and arm64. */
const TRIPLETS: Readonly<Record<string, string>> = {
  x64: 'x86_64-linux-gnu',
  arm64: 'aarch64-linux-gnu',
};

export function libraryFolder(root: string): string {
  return join(root, 'usr/lib', TRIPLETS[process.arch] ?? process.arch);
}

export function cephConfig(settings: CephSettings): string {
  const { root, directory, fsid, monitorPort, gatewayPort } = settings;
  const libraries = libraryFolder(root);
  return `[global]
fsid = ${fsid}
keyring = ${directory}/keyring
auth allow insecure global id reclaim = false
mon host = v2:127.0.0.1:${monitorPort}
public addr = 127.0.0.1
run dir = ${directory}
log file = ${directory}/$name.log
admin socket =
pid file =
plugin dir = ${libraries}/ceph
erasure code dir = ${libraries}/ceph/erasure-code
osd class dir = ${libraries}/rados-classes
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon data avail warn = 1
mon data avail crit = 1
paxos propose interval = 0.05
osd objectstore = memstore
memstore device bytes = 1073741824
mon data = ${directory}/mon
osd data = ${directory}/osd
rgw data = ${directory}/rgw
rgw frontends = beast endpoint=127.0.0.1:${gatewayPort}
rgw rados pool pg num min = 1
rgw thread pool size = 64
rgw sts key = 0123456789abcdef
`;
}
