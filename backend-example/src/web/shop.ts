/** The page's script: tracing first, then what can be clicked. */
import type { Tracer } from '@opentelemetry/api';
import { wireCart } from './cart.js';
import { wireCheckout } from './checkout.js';
import { all } from './element.js';
import { failurePanel } from './failure.js';
import { send } from './request.js';
import { startTracing } from './tracing.js';

const TOAST_MS = 4000;

interface PageConfig {
  tracesUrl: string;
  viewerUrl: string;
}

function start(): void {
  const config = JSON.parse(
    document.querySelector('#shop-config')?.textContent ?? '{}',
  ) as PageConfig;
  const tracer = startTracing(config.tracesUrl);
  const say = toast();
  wireFilters();
  wireShipping(tracer);
  wireCheckout(tracer, config.viewerUrl);
  wireCart({
    tracer,
    say: (text) => say(text),
    fail: (error, title) =>
      say(failurePanel(error, { title, advice: 'Please try again.' }, config.viewerUrl)),
  });
}

/** A short word goes away by itself, a failure stays. */
function toast(): (content: string | HTMLElement) => void {
  const box = document.querySelector<HTMLElement>('[data-toast]');
  let timer: number | undefined;
  return (content) => {
    if (box === null) return;
    window.clearTimeout(timer);
    box.replaceChildren(content);
    box.classList.add('shown');
    if (typeof content !== 'string') return;
    timer = window.setTimeout(() => box.classList.remove('shown'), TOAST_MS);
  };
}

function wireFilters(): void {
  const buttons = all('[data-filter]');
  for (const button of buttons) {
    button.addEventListener('click', () => {
      const wanted = button.dataset['filter'];
      for (const other of buttons) other.setAttribute('aria-pressed', String(other === button));
      for (const card of all('.card')) {
        card.hidden = wanted !== 'all' && card.dataset['category'] !== wanted;
      }
    });
  }
}

function wireShipping(tracer: Tracer): void {
  const answer = document.querySelector('[data-shipping-answer]');
  for (const button of all('[data-shipping]')) {
    button.addEventListener('click', () => {
      void askCarrier(tracer, button as HTMLButtonElement, answer);
    });
  }
}

async function askCarrier(
  tracer: Tracer,
  button: HTMLButtonElement,
  answer: Element | null,
): Promise<void> {
  if (answer === null) return;
  button.disabled = true;
  answer.textContent = 'Asking the carrier …';
  try {
    const quote = await send<{ carrier: string; days: number; price: string }>(tracer, {
      action: 'estimate shipping',
      path: `/api/products/${button.dataset['shipping'] ?? ''}/shipping`,
    });
    const when = quote.days === 0 ? 'at once' : `in ${quote.days} days`;
    answer.textContent = `${quote.carrier}: ${when}, ${quote.price}`;
  } catch {
    answer.textContent = 'The carrier does not answer. Please try again.';
  } finally {
    button.disabled = false;
  }
}

start();
