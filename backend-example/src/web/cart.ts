/** Adding to the cart, and changing it. */
import type { Tracer } from '@opentelemetry/api';
import { all, element, setText } from './element.js';
import { send } from './request.js';

interface CartView {
  count: number;
  total: string;
  lines: { slug: string; quantity: number; total: string }[];
}

export interface CartActions {
  tracer: Tracer;
  say: (text: string) => void;
  fail: (error: unknown, title: string) => void;
}

export function wireCart(actions: CartActions): void {
  for (const button of all('[data-add]')) {
    button.addEventListener('click', () => void add(actions, button as HTMLButtonElement));
  }
  for (const line of all('[data-line]')) {
    for (const step of all('[data-step]', line)) {
      step.addEventListener(
        'click',
        () => void change(actions, line, Number(step.dataset['step'])),
      );
    }
  }
}

async function add(actions: CartActions, button: HTMLButtonElement): Promise<void> {
  button.disabled = true;
  try {
    const cart = await send<CartView>(actions.tracer, {
      action: 'add to cart',
      method: 'POST',
      path: '/api/cart/items',
      body: { slug: button.dataset['add'], quantity: 1 },
    });
    showCount(cart);
    actions.say('Added to your cart');
  } catch (error) {
    actions.fail(error, 'It did not get into your cart');
  } finally {
    button.disabled = false;
  }
}

async function change(actions: CartActions, line: HTMLElement, step: number): Promise<void> {
  const slug = line.dataset['line'] ?? '';
  const quantity = Number(line.querySelector('[data-quantity]')?.textContent ?? '0') + step;
  try {
    const cart = await send<CartView>(actions.tracer, {
      action: 'change quantity',
      method: 'PUT',
      path: `/api/cart/items/${slug}`,
      body: { quantity },
    });
    showCount(cart);
    showLine(cart, line, slug);
  } catch (error) {
    actions.fail(error, 'Your cart did not change');
  }
}

function showCount(cart: CartView): void {
  for (const badge of all('[data-cart-count]')) {
    badge.textContent = String(cart.count);
    badge.setAttribute('aria-label', `${cart.count} in the cart`);
  }
}

function showLine(cart: CartView, line: HTMLElement, slug: string): void {
  const left = cart.lines.find((candidate) => candidate.slug === slug);
  if (left === undefined) line.remove();
  else {
    setText('[data-quantity]', String(left.quantity), line);
    setText('[data-line-total]', left.total, line);
  }
  setText('[data-cart-total]', cart.total);
  if (cart.lines.length > 0) return;
  document
    .querySelector('.columns')
    ?.replaceWith(
      element(
        'div',
        { class: 'panel empty', 'data-replay-unmask': '' },
        element('p', {}, 'There is nothing in it any more.'),
        element('a', { class: 'button', href: '/#products' }, 'Look around'),
      ),
    );
}
