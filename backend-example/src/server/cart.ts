/** Carts in memory, one per cookie. */
import { randomUUID } from 'node:crypto';
import { findProduct } from './catalog.js';
import type { Product } from './catalog.js';

export interface CartLine {
  product: Product;
  quantity: number;
}

export interface Cart {
  id: string;
  lines: CartLine[];
}

export const MAX_QUANTITY = 20;

export class CartStore {
  readonly #carts = new Map<string, Cart>();
  readonly #maxCarts: number;

  constructor(options: { maxCarts?: number } = {}) {
    this.#maxCarts = options.maxCarts ?? 10_000;
  }

  /** The cart of a cookie, or a new one when the cookie is missing or forgotten. */
  open(id: string | undefined): Cart {
    const known = id === undefined ? undefined : this.#carts.get(id);
    if (known !== undefined) return known;
    const cart: Cart = { id: randomUUID(), lines: [] };
    this.#carts.set(cart.id, cart);
    if (this.#carts.size > this.#maxCarts) this.#forgetOldest();
    return cart;
  }

  #forgetOldest(): void {
    for (const oldest of this.#carts.keys()) {
      this.#carts.delete(oldest);
      return;
    }
  }
}

/** Adds `quantity` pieces; false when there is no such product. */
export function addToCart(cart: Cart, slug: string, quantity: number): boolean {
  const line = cart.lines.find((candidate) => candidate.product.slug === slug);
  return setQuantity(cart, slug, (line?.quantity ?? 0) + quantity);
}

/** 0 removes the line; false when there is no such product. */
export function setQuantity(cart: Cart, slug: string, quantity: number): boolean {
  const product = findProduct(slug);
  if (product === undefined) return false;
  const wanted = Math.min(quantity, MAX_QUANTITY);
  const line = cart.lines.find((candidate) => candidate.product.slug === slug);
  if (wanted <= 0) cart.lines = cart.lines.filter((candidate) => candidate !== line);
  else if (line === undefined) cart.lines.push({ product, quantity: wanted });
  else line.quantity = wanted;
  return true;
}

export function itemCount(cart: Cart): number {
  return cart.lines.reduce((sum, line) => sum + line.quantity, 0);
}

export function totalCents(cart: Cart): number {
  return cart.lines.reduce((sum, line) => sum + line.product.priceCents * line.quantity, 0);
}
