import { MAX_QUANTITY, totalCents } from '../server/cart.js';
import type { Cart, CartLine } from '../server/cart.js';
import { formatPrice } from '../server/catalog.js';
import { html } from './html.js';
import type { Html } from './html.js';
import { page } from './layout.js';
import type { PageContext } from './layout.js';
import { picture } from './picture.js';

export function cartPage(context: PageContext, cart: Cart): string {
  return page(
    context,
    'Your cart',
    html`<h1 data-replay-unmask>Your cart</h1>
      ${cart.lines.length === 0 ? EMPTY : filled(cart)}`,
  );
}

const EMPTY = html`<div class="panel empty" data-replay-unmask>
  ${picture('harbour-mug')}
  <p>There is nothing in it yet.</p>
  <a class="button" href="/#products">Look around</a>
</div>`;

function filled(cart: Cart): Html {
  return html`<div class="columns">
    <ul class="lines" data-replay-unmask>
      ${cart.lines.map(cartLine)}
    </ul>
    <aside class="panel summary" aria-label="Total" data-replay-unmask>
      <p class="total">
        <span>Total</span> <strong data-cart-total>${formatPrice(totalCents(cart))}</strong>
      </p>
      <p class="note">Tax included.</p>
      <a class="button wide" href="/checkout">Go to checkout</a>
    </aside>
  </div>`;
}

function cartLine({ product, quantity }: CartLine): Html {
  return html`<li class="line" data-line="${product.slug}">
    <a class="thumb" href="/products/${product.slug}" tabindex="-1" aria-hidden="true"
      >${picture(product.slug)}</a
    >
    <div>
      <a class="line-name" href="/products/${product.slug}">${product.name}</a>
      <span class="note">${formatPrice(product.priceCents)} each</span>
    </div>
    <div class="stepper" role="group" aria-label="Quantity of ${product.name}">
      <button type="button" data-step="-1" aria-label="One less">−</button>
      <output data-quantity>${quantity}</output>
      <button type="button" data-step="1" data-max="${MAX_QUANTITY}" aria-label="One more">
        +
      </button>
    </div>
    <strong class="line-total" data-line-total
      >${formatPrice(product.priceCents * quantity)}</strong
    >
  </li>`;
}
