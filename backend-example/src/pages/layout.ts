/** What every page has around it. */
import type { ShopConfig } from '../server/config.js';
import { html, jsonScript } from './html.js';
import type { Html } from './html.js';

export interface PageContext {
  config: ShopConfig;
  cartCount: number;
  /** Of the request that asked for the page; undefined without tracing. */
  traceId: string | undefined;
}

/**
 * The frame is the same for everybody, so it is shown in replays (`data-replay-unmask`). `main`
 * is not marked: each page marks what is public in it.
 */
export function page(context: PageContext, title: string, main: Html): string {
  const { config, cartCount } = context;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Kiln &amp; Leaf</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/assets/shop.css" />
        ${jsonScript('shop-config', {
          tracesUrl: config.browserTracesUrl,
          viewerUrl: config.viewerUrl,
        })}
        <script type="module" src="/assets/shop.js"></script>
      </head>
      <body>
        <a class="skip" href="#main" data-replay-unmask>Skip to the content</a>
        <header class="site" data-replay-unmask>
          <a class="brand" href="/">${LOGO}<span>Kiln &amp; Leaf</span></a>
          <nav aria-label="Shop">
            <a href="/#products">Products</a>
            <a class="cart-link" href="/cart"
              >Cart
              <span class="badge" data-cart-count aria-label="${cartCount} in the cart"
                >${cartCount}</span
              ></a
            >
          </nav>
        </header>
        <main id="main" tabindex="-1">${main}</main>
        <div class="toast" role="status" aria-live="polite" data-toast data-replay-unmask></div>
        <footer class="site" data-replay-unmask>
          <p>
            Kiln &amp; Leaf is the example shop of OTel Replay. Nothing is sold, nobody is charged,
            and what you type stays masked in the recording.
          </p>
          <p>
            <a href="${config.viewerUrl}/">Recorded sessions</a>
            <a href="/products/tea-for-nobody">A page that is not there</a>
          </p>
        </footer>
      </body>
    </html>`.text;
}

/** A trace id with the way to its replay. */
export function traceLink(config: ShopConfig, traceId: string): Html {
  return html`<p class="trace" data-replay-unmask>
    <span>Trace <code data-trace-id>${traceId}</code></span>
    <a class="button" href="${config.viewerUrl}/traces/${traceId}" target="_blank" rel="noopener"
      >Watch the replay</a
    >
  </p>`;
}

const LOGO = html`<svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
  <path d="M6 14h17v6a8 8 0 0 1-8 8h-1a8 8 0 0 1-8-8z" fill="currentColor" />
  <path d="M23 16h2a3 3 0 0 1 0 7h-3" fill="none" stroke="currentColor" stroke-width="2.4" />
  <path d="M14 12c-1-5 2-8 7-9 0 5-2 8-7 9z" fill="var(--leaf)" />
</svg>`;
