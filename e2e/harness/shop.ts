/** The example shop as a process of its own. */
import { eventually } from './eventually.js';
import { NodeProcess } from './process.js';

export interface ShopOptions {
  port: number;
  /** Where its server sends spans. */
  otlpUrl: string;
  /** Where its pages send spans and segments. */
  browserOtlpUrl: string;
  viewerUrl: string;
  /** Of the built shop, from the repository's root. */
  directory?: string;
}

/** Resolves when it answers. */
export async function startShop(options: ShopOptions): Promise<NodeProcess> {
  const { directory = 'backend-example' } = options;
  const shop = new NodeProcess({
    name: 'shop',
    args: ['--import', `./${directory}/dist/server/tracing.js`, `${directory}/dist/server/main.js`],
    env: {
      HOST: '127.0.0.1',
      PORT: String(options.port),
      OTEL_EXPORTER_OTLP_ENDPOINT: options.otlpUrl,
      BROWSER_OTLP_ENDPOINT: options.browserOtlpUrl,
      VIEWER_URL: options.viewerUrl,
      OTEL_BSP_SCHEDULE_DELAY: '500',
    },
  });
  await answers(`http://127.0.0.1:${options.port}/health`, shop);
  return shop;
}

/** Throws with all the process said when it ends before `url` answers. */
export async function answers(url: string, process: NodeProcess): Promise<void> {
  const up = eventually(`an answer from ${url}`, async () => (await fetch(url)).ok);
  await Promise.race([
    up,
    process.exit.then(() => {
      process.assertRunning();
    }),
  ]);
}
