/** The checkout form: sends it, shows what is wrong with it, or the order that came of it. */
import type { Tracer } from '@opentelemetry/api';
import { all, element, setText } from './element.js';
import { failurePanel } from './failure.js';
import { RequestError, send } from './request.js';

export function wireCheckout(tracer: Tracer, viewerUrl: string): void {
  const form = document.querySelector<HTMLFormElement>('[data-checkout-form]');
  form?.addEventListener('submit', (event) => {
    event.preventDefault();
    void submit(tracer, form, viewerUrl);
  });
}

async function submit(tracer: Tracer, form: HTMLFormElement, viewerUrl: string): Promise<void> {
  const button = form.querySelector<HTMLButtonElement>('button[type=submit]');
  const outcome = form.querySelector('[data-outcome]');
  if (button === null || outcome === null) return;
  button.disabled = true;
  outcome.replaceChildren();
  showFieldErrors(form, {});
  try {
    const order = await send<{ number: string; total: string }>(tracer, {
      action: 'checkout',
      method: 'POST',
      path: '/api/checkout',
      body: Object.fromEntries(new FormData(form)),
    });
    showOrder(order);
  } catch (error) {
    const fields = fieldErrors(error);
    if (fields !== undefined) return showFieldErrors(form, fields);
    const panel = failurePanel(
      error,
      {
        title: 'We could not place your order',
        advice:
          'Nothing was charged. Whoever looks into it can see what happened under this trace:',
      },
      viewerUrl,
    );
    outcome.replaceChildren(panel);
    panel.focus();
  } finally {
    button.disabled = false;
  }
}

function fieldErrors(error: unknown): Record<string, string> | undefined {
  if (!(error instanceof RequestError) || error.status !== 400) return undefined;
  const { fields } = (error.body ?? {}) as { fields?: Record<string, string> };
  return fields;
}

function showFieldErrors(form: HTMLFormElement, errors: Readonly<Record<string, string>>): void {
  let first: HTMLInputElement | undefined;
  for (const input of form.querySelectorAll('input')) {
    const message = errors[input.name] ?? '';
    input.setAttribute('aria-invalid', String(message !== ''));
    setText(`#${input.name}-error`, message, form);
    if (message !== '') first ??= input;
  }
  first?.focus();
}

function showOrder(order: { number: string; total: string }): void {
  const done = element(
    'div',
    { class: 'panel done', role: 'status', tabindex: '-1' },
    element('h2', { 'data-replay-unmask': '' }, 'Thank you, it is on its way'),
    // The order's number belongs to one person, so it is not marked as public.
    element('p', {}, `Order ${order.number}, ${order.total}`),
    element(
      'p',
      { 'data-replay-unmask': '' },
      element('a', { class: 'button', href: '/' }, 'Back to the shop'),
    ),
  );
  document.querySelector('[data-checkout]')?.replaceWith(done);
  for (const badge of all('[data-cart-count]')) badge.textContent = '0';
  done.focus();
}
