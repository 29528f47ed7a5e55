// `npm run demo`: processor, viewer and shop on this machine, from a fresh clone to three URLs.
// DEMO_SHOP_PORT, DEMO_VIEWER_PORT, DEMO_OTLP_PORT, DEMO_HEALTH_PORT and DEMO_DATA_DIR move it.
import { mkdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { buildIfNeeded } from './build.mjs';
import { Child } from './demo/child.mjs';
import { HOST, readPorts } from './demo/ports.mjs';
import { installIfNeeded } from './install.mjs';
import { root } from './workspaces.mjs';

const READY_MS = 30_000;
const GRACE_MS = 15_000;

const { ports, problems } = await readPorts(process.env);
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
installIfNeeded();
buildIfNeeded();

const data = resolve(root, process.env.DEMO_DATA_DIR ?? '.demo');
mkdirSync(data, { recursive: true });
const url = (port) => `http://${HOST}:${port}`;
const running = [];
let stopping = false;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (!stopping) return void stop(0);
    // Asked twice: no more waiting.
    for (const child of running) child.kill();
  });
}

start({
  name: 'processor',
  args: [
    join(root, 'collector-processor/dist/main.js'),
    '--config',
    join(root, 'demo/processor.yaml'),
  ],
  env: {
    DEMO_DATA_DIR: data,
    DEMO_OTLP_PORT: String(ports.otlp),
    DEMO_VIEWER_PORT: String(ports.viewer),
    DEMO_HEALTH_PORT: String(ports.health),
  },
});
await ready('processor', `${url(ports.health)}/`);

const shop = join(root, 'backend-example/dist/server');
start({
  name: 'shop',
  args: ['--import', join(shop, 'tracing.js'), join(shop, 'main.js')],
  env: {
    HOST,
    PORT: String(ports.shop),
    OTEL_EXPORTER_OTLP_ENDPOINT: url(ports.otlp),
    VIEWER_URL: url(ports.viewer),
    // Who follows a link at once should find the shop's spans, too.
    OTEL_BSP_SCHEDULE_DELAY: '1000',
  },
});
await ready('shop', `${url(ports.shop)}/health`);

console.log(`
  Shop    ${url(ports.shop)}
  Viewer  ${url(ports.viewer)}
  OTLP    ${url(ports.otlp)}

Put the gift card into the cart, check out, and follow "Watch the replay".
Ctrl-C stops everything; data and logs are in ${relative(root, data) || data}.
`);

function start({ name, args, env }) {
  if (stopping) return;
  const child = new Child({ name, args, env, cwd: root, logFile: join(data, `${name}.log`) });
  running.push(child);
  void child.exit.then((how) => {
    if (stopping) return;
    console.error(`\nThe ${name} ended (${how}). Its last lines (all of them: ${child.logFile}):`);
    for (const line of child.lastLines) console.error(`  ${line}`);
    running.splice(running.indexOf(child), 1);
    void stop(1);
  });
}

/** Polls until it answers 200; when it never does, everything is stopped. */
async function ready(name, healthUrl) {
  for (const deadline = Date.now() + READY_MS; Date.now() < deadline && !stopping;) {
    if (await answers(healthUrl)) return;
    await new Promise((resume) => setTimeout(resume, 100));
  }
  if (!stopping) {
    console.error(`The ${name} did not answer at ${healthUrl} within ${READY_MS / 1000} s.`);
    void stop(1);
  }
  // Whoever stops ends the process; nothing below may run.
  await new Promise(() => {});
}

async function answers(healthUrl) {
  try {
    const response = await fetch(healthUrl, { signal: AbortSignal.timeout(2000) });
    return response.ok;
  } catch {
    return false; // not listening yet
  }
}

/** The shop first, so that its last spans still find the processor. */
async function stop(code) {
  stopping = true;
  for (const child of [...running].reverse()) {
    const how = await child.stop(GRACE_MS);
    if (how !== 'exit code 0') console.error(`The ${child.name} ended with ${how}.`);
  }
  console.log('Stopped.');
  process.exit(code);
}
