/** How the page says that something went wrong: with the trace id and the way to its replay. */
import { element } from './element.js';
import { RequestError } from './request.js';

export interface FailureText {
  title: string;
  advice: string;
}

export function failurePanel(error: unknown, text: FailureText, viewerUrl: string): HTMLElement {
  const panel = element(
    'div',
    { class: 'failure', role: 'alert', tabindex: '-1', 'data-replay-unmask': '' },
    element('h2', {}, text.title),
    element('p', {}, text.advice),
  );
  if (error instanceof RequestError) {
    const { traceId } = error;
    panel.append(
      element(
        'p',
        { class: 'trace' },
        element('span', {}, 'Trace ', element('code', { 'data-trace-id': '' }, traceId)),
        element(
          'a',
          {
            class: 'button',
            href: `${viewerUrl}/traces/${traceId}`,
            target: '_blank',
            rel: 'noopener',
          },
          'Watch the replay',
        ),
      ),
    );
  }
  return panel;
}
