/** From a cart and a filled-in form to an order. */
import { randomInt } from 'node:crypto';
import { trace } from '@opentelemetry/api';
import { totalCents } from './cart.js';
import type { Cart, CartLine } from './cart.js';
import { taxContainedIn } from './tax.js';

export interface CheckoutForm {
  name: string;
  email: string;
  address: string;
  card: string;
  expiry: string;
  cvc: string;
}

export interface Order {
  number: string;
  totalCents: number;
  taxCents: number;
}

type FieldErrors = Partial<Record<keyof CheckoutForm, string>>;

const FIELDS: readonly (keyof CheckoutForm)[] = [
  'name',
  'email',
  'address',
  'card',
  'expiry',
  'cvc',
];

/** The form, or what is wrong with it field by field. */
export function readCheckoutForm(
  body: unknown,
): { ok: true; form: CheckoutForm } | { ok: false; errors: FieldErrors } {
  const given = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const form: CheckoutForm = { name: '', email: '', address: '', card: '', expiry: '', cvc: '' };
  for (const field of FIELDS) {
    const value = given[field];
    if (typeof value === 'string') form[field] = value.trim();
  }
  const errors: FieldErrors = {};
  if (form.name === '') errors.name = 'Please tell us your name.';
  if (!/^\S+@\S+\.\S+$/.test(form.email)) errors.email = 'Please give an e-mail address.';
  if (form.address === '') errors.address = 'Please tell us where to send it.';
  if (!/^\d{13,19}$/.test(form.card.replaceAll(/[\s-]/g, ''))) {
    errors.card = 'A card number has 13 to 19 digits.';
  }
  if (!/^(0[1-9]|1[0-2])\s*\/?\s*\d{2}$/.test(form.expiry)) {
    errors.expiry = 'Month and year, as 08 / 29.';
  }
  if (!/^\d{3,4}$/.test(form.cvc)) errors.cvc = 'Three or four digits.';
  return Object.keys(errors).length === 0 ? { ok: true, form } : { ok: false, errors };
}

/** Prices the cart and empties it. The form is not kept: this shop charges nobody. */
export function placeOrder(cart: Cart): Order {
  const order = priceOrder(cart);
  cart.lines = [];
  return order;
}

function priceOrder(cart: Cart): Order {
  return trace.getTracer('shop').startActiveSpan('price order', (span) => {
    try {
      span.setAttribute('shop.order.lines', cart.lines.length);
      const number = `K-${randomInt(100_000, 1_000_000)}`;
      return { number, totalCents: totalCents(cart), taxCents: taxOf(cart.lines) };
    } finally {
      span.end();
    }
  });
}

function taxOf(lines: readonly CartLine[]): number {
  return lines.reduce((sum, line) => sum + taxContainedIn(line.product, line.quantity), 0);
}
