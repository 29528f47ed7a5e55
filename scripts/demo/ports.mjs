// The ports of the demo: read from the environment, and looked at before anything is started.
import { createServer } from 'node:net';

export const HOST = '127.0.0.1';

const PORTS = [
  { name: 'shop', variable: 'DEMO_SHOP_PORT', fallback: 3000 },
  { name: 'viewer', variable: 'DEMO_VIEWER_PORT', fallback: 8787 },
  { name: 'otlp', variable: 'DEMO_OTLP_PORT', fallback: 4318 },
  { name: 'health', variable: 'DEMO_HEALTH_PORT', fallback: 13133 },
];

/**
 * Ports by name, and what is wrong with them: not a number, the same twice, or taken. Every problem
 * names the variable that mends it.
 */
export async function readPorts(env) {
  const ports = {};
  const problems = [];
  const owners = new Map();
  for (const { name, variable, fallback } of PORTS) {
    const port = Number(env[variable] || fallback);
    if (!Number.isInteger(port) || port < 1 || port > 65535) {
      problems.push(`${variable}="${env[variable]}" is not a port between 1 and 65535.`);
      continue;
    }
    ports[name] = port;
    if (owners.has(port)) {
      problems.push(`Port ${port} is wanted by ${owners.get(port)} and ${variable}; change one.`);
      continue;
    }
    owners.set(port, variable);
    const reason = await unusable(port);
    if (reason) {
      problems.push(
        `Port ${port} (${name}) ${reason}. Use another: ${variable}=<port> npm run demo`,
      );
    }
  }
  return { ports, problems };
}

function unusable(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', ({ code }) => {
      resolve(code === 'EADDRINUSE' ? 'is taken' : `cannot be used (${code})`);
    });
    server.listen(port, HOST, () => server.close(() => resolve(undefined)));
  });
}
