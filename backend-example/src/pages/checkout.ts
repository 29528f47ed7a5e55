import { totalCents } from '../server/cart.js';
import type { Cart } from '../server/cart.js';
import { formatPrice } from '../server/catalog.js';
import { html } from './html.js';
import type { Html } from './html.js';
import { page } from './layout.js';
import type { PageContext } from './layout.js';

interface Field {
  name: string;
  label: string;
  autocomplete: string;
  type?: string;
  inputMode?: string;
  placeholder?: string;
  wide?: boolean;
}

const PERSON: readonly Field[] = [
  { name: 'name', label: 'Name', autocomplete: 'name', wide: true },
  { name: 'email', label: 'E-mail', autocomplete: 'email', type: 'email', wide: true },
  { name: 'address', label: 'Address', autocomplete: 'street-address', wide: true },
];

const CARD: readonly Field[] = [
  {
    name: 'card',
    label: 'Card number',
    autocomplete: 'cc-number',
    inputMode: 'numeric',
    placeholder: 'Any digits will do',
    wide: true,
  },
  { name: 'expiry', label: 'Expires', autocomplete: 'cc-exp', placeholder: 'MM / YY' },
  { name: 'cvc', label: 'Security code', autocomplete: 'cc-csc', inputMode: 'numeric' },
];

/** Labels are the shop's own words and shown in replays; what is typed never is. */
export function checkoutPage(context: PageContext, cart: Cart): string {
  return page(
    context,
    'Checkout',
    html`<h1 data-replay-unmask>Checkout</h1>
      <div class="columns" data-checkout>
        <form class="panel" novalidate data-checkout-form>
          <fieldset>
            <legend data-replay-unmask>Who and where</legend>
            ${PERSON.map(field)}
          </fieldset>
          <fieldset>
            <legend data-replay-unmask>Card</legend>
            ${CARD.map(field)}
          </fieldset>
          <div data-outcome></div>
          <button class="button wide" type="submit" data-replay-unmask>
            Pay ${formatPrice(totalCents(cart))}
          </button>
        </form>
        <aside class="panel summary" aria-label="Your order" data-replay-unmask>
          <h2>Your order</h2>
          <ul class="order-lines">
            ${cart.lines.map(
              ({ product, quantity }) =>
                html`<li>
                  <span>${quantity} × ${product.name}</span>
                  <span>${formatPrice(product.priceCents * quantity)}</span>
                </li>`,
            )}
          </ul>
          <p class="total"><span>Total</span> <strong>${formatPrice(totalCents(cart))}</strong></p>
        </aside>
      </div>`,
  );
}

function field(of: Field): Html {
  return html`<div class="${of.wide === true ? 'field wide' : 'field'}">
    <label for="${of.name}" data-replay-unmask>${of.label}</label>
    <input
      id="${of.name}"
      name="${of.name}"
      type="${of.type ?? 'text'}"
      autocomplete="${of.autocomplete}"
      inputmode="${of.inputMode ?? 'text'}"
      placeholder="${of.placeholder ?? ''}"
      required
      aria-describedby="${of.name}-error"
    />
    <p class="field-error" id="${of.name}-error" data-replay-unmask></p>
  </div>`;
}
