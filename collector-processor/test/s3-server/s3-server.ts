/** A real S3 server on loopback: Ceph's gateway, from the Debian packages of `npm run peers`. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { S3Credentials } from '../../src/store/s3.js';
import { describeWith } from '../support/describe-with.js';
import { cephConfig, libraryFolder } from './ceph-config.js';
import { freePorts, programs, type Daemon, type Programs } from './processes.js';

export interface GatewayOptions {
  tokenService?: boolean;
  /** How long a day is for lifecycle rules, and how often they are applied; without it as in life. */
  lifecycleDaySeconds?: number;
}

export interface S3Server {
  readonly endpoint: string;
  /** Of a user who may create buckets. */
  readonly credentials: S3Credentials;
  /** Of a user who has no buckets, and no right to those of the first. */
  readonly stranger: S3Credentials;
  /** A role that the first user may assume, and that may do everything; needs `tokenService`. */
  readonly roleArn: string;
  /** As a crash would; what was stored is kept. */
  killGateway(): Promise<void>;
  /** With a token service (STS) it says of a wrong secret no more than that access is denied. */
  startGateway(options?: GatewayOptions): Promise<void>;
  stop(): Promise<void>;
}

const ROOT = fileURLToPath(new URL('../../../.cache/radosgw', import.meta.url));
const CREDENTIALS = { accessKeyId: 'AKTEST', secretAccessKey: 'SKTEST' };
const STRANGER = { accessKeyId: 'AKSTRANGER', secretAccessKey: 'SKSTRANGER' };
const ROLE = 'replay';
const READY_ATTEMPTS = 600;
const READY_INTERVAL_MS = 100;

/** Tests that need S3: skipped with a loud reason where the server is missing, a failure in CI. */
export function describeWithS3(name: string, tests: () => void): void {
  const missing = 'no S3 server in .cache/radosgw: run `npm run peers` (needs Debian or Ubuntu)';
  describeWith(existsSync(ROOT) ? undefined : missing, name, tests);
}

export async function startS3Server(options: GatewayOptions = {}): Promise<S3Server> {
  const directory = await mkdtemp(join(tmpdir(), 's3-server-'));
  const [monitorPort = 0, gatewayPort = 0] = await freePorts(2);
  const config = join(directory, 'ceph.conf');
  const fsid = randomUUID();
  const settings = { root: ROOT, directory, fsid, monitorPort, gatewayPort };
  await writeFile(config, cephConfig(settings));
  for (const folder of ['mon', 'osd', 'rgw']) await mkdir(join(directory, folder));
  const ceph = programs(environment(config));
  const daemons: Daemon[] = [];
  const stop = async (): Promise<void> => {
    for (const daemon of daemons.splice(0).reverse()) await daemon.kill();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await startCluster(ceph, daemons, { directory, fsid, monitorPort });
    await addUsers(ceph);
    const endpoint = `http://127.0.0.1:${gatewayPort}`;
    let gateway: Daemon | undefined;
    const server: S3Server = {
      endpoint,
      credentials: CREDENTIALS,
      stranger: STRANGER,
      roleArn: `arn:aws:iam:::role/${ROLE}`,
      killGateway: async () => gateway?.kill(),
      async startGateway({ tokenService = false, lifecycleDaySeconds } = {}) {
        const sts = `--rgw-s3-auth-use-sts=${tokenService}`;
        const day =
          lifecycleDaySeconds === undefined
            ? []
            : [`--rgw-lc-debug-interval=${lifecycleDaySeconds}`];
        gateway = ceph.launch('radosgw', '-n', 'client.rgw', '-f', sts, ...day);
        daemons.push(gateway);
        await answers(endpoint, gateway);
      },
      stop,
    };
    await server.startGateway(options);
    return server;
  } catch (error) {
    await stop();
    throw error;
  }
}

function environment(config: string): Record<string, string> {
  const libraries = libraryFolder(ROOT);
  const systemLibraries = libraries.replace('/usr/lib/', '/lib/');
  return {
    CEPH_CONF: config,
    LD_LIBRARY_PATH: [systemLibraries, libraries, join(libraries, 'ceph')].join(':'),
    PATH: `${join(ROOT, 'usr/bin')}:${process.env['PATH'] ?? ''}`,
  };
}

/**
 * The map with the one OSD is made beforehand, so that Ceph's command line, which needs Python, is
 * not needed.
 */
async function startCluster(
  { run, launch }: Programs,
  daemons: Daemon[],
  { directory, fsid, monitorPort }: { directory: string; fsid: string; monitorPort: number },
): Promise<void> {
  const keyring = join(directory, 'keyring');
  const monmap = join(directory, 'monmap');
  const osdmap = join(directory, 'osdmap');
  const key = (name: string, ...caps: string[]): Promise<string> =>
    run('ceph-authtool', keyring, '--gen-key', '-n', name, ...caps);
  await run('ceph-authtool', '--create-keyring', keyring);
  await key('mon.', '--cap', 'mon', 'allow *');
  // Without keys the gateway cannot log in, whatever `auth` says.
  await key('client.admin', '--cap', 'mon', 'allow *', '--cap', 'osd', 'allow *');
  await key('client.rgw', '--cap', 'mon', 'allow *', '--cap', 'osd', 'allow *');
  await key('osd.0', '--cap', 'mon', 'allow profile osd', '--cap', 'osd', 'allow *');
  const address = `[v2:127.0.0.1:${monitorPort}]`;
  await run('monmaptool', '--create', '--addv', 'a', address, '--fsid', fsid, monmap);
  await run('osdmaptool', '--createsimple', '1', osdmap);
  const maps = ['--monmap', monmap, '--osdmap', osdmap];
  await run('ceph-mon', '-i', 'a', '--mkfs', ...maps, '--keyring', keyring);
  daemons.push(launch('ceph-mon', '-i', 'a', '-f'));
  await run('ceph-osd', '-i', '0', '--mkfs');
  daemons.push(launch('ceph-osd', '-i', '0', '-f'));
}

async function addUsers({ run }: Programs): Promise<void> {
  const user = (uid: string, { accessKeyId, secretAccessKey }: S3Credentials): Promise<string> =>
    run(
      'radosgw-admin',
      ...['user', 'create', `--uid=${uid}`, `--display-name=${uid}`],
      ...[`--access-key=${accessKeyId}`, `--secret-key=${secretAccessKey}`],
    );
  await user('owner', CREDENTIALS);
  await user('stranger', STRANGER);
  const trust = statement({
    Action: ['sts:AssumeRole'],
    Principal: { AWS: ['arn:aws:iam:::user/owner'] },
  });
  const rights = statement({ Action: ['s3:*'], Resource: 'arn:aws:s3:::*' });
  const role = `--role-name=${ROLE}`;
  await run('radosgw-admin', 'role', 'create', role, `--assume-role-policy-doc=${trust}`);
  const policy = ['--policy-name=all', `--policy-doc=${rights}`];
  await run('radosgw-admin', 'role-policy', 'put', role, ...policy);
}

function statement(what: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...what }] });
}

async function answers(endpoint: string, gateway: Daemon): Promise<void> {
  for (let attempt = 0; attempt < READY_ATTEMPTS; attempt++) {
    if (gateway.ended !== undefined) throw new Error(gateway.ended);
    const status = await fetch(endpoint).then(
      ({ status }) => status,
      () => 0,
    );
    if (status === 200) return;
    await sleep(READY_INTERVAL_MS);
  }
  throw new Error(`the S3 server at ${endpoint} did not answer in time`);
}
