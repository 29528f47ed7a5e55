/** Pages that say what went wrong, with the trace id where there is one. */
import { html } from './html.js';
import { page, traceLink } from './layout.js';
import type { PageContext } from './layout.js';

export function notFoundPage(context: PageContext, path: string): string {
  return page(
    context,
    'Not found',
    html`<div class="panel problem">
      <p class="eyebrow" data-replay-unmask>404</p>
      <h1 data-replay-unmask>This shelf is empty</h1>
      <p><span data-replay-unmask>There is nothing at</span> <code>${path}</code></p>
      ${context.traceId !== undefined && traceLink(context.config, context.traceId)}
      <p data-replay-unmask><a href="/#products">Back to the products</a></p>
    </div>`,
  );
}

export function serverErrorPage(context: PageContext): string {
  return page(
    context,
    'Something broke',
    html`<div class="panel problem">
      <p class="eyebrow" data-replay-unmask>500</p>
      <h1 data-replay-unmask>Something broke on our side</h1>
      ${context.traceId !== undefined && traceLink(context.config, context.traceId)}
      <p data-replay-unmask><a href="/">Back to the start</a></p>
    </div>`,
  );
}
