/** The JSON API that the page's script calls. */
import { Router, json } from 'express';
import { addToCart, itemCount, setQuantity, totalCents } from './cart.js';
import type { Cart, CartStore } from './cart.js';
import { findProduct, formatPrice, PRODUCTS } from './catalog.js';
import { placeOrder, readCheckoutForm } from './checkout.js';
import { cartOf } from './cookie.js';
import { quoteShipping } from './shipping.js';
import type { ShippingDelay } from './shipping.js';

export function apiRoutes(carts: CartStore, options: { shippingDelay?: ShippingDelay }): Router {
  const api = Router();
  api.use(json({ limit: '16kb' }));

  api.get('/products', (_req, res) => void res.json(PRODUCTS));
  api.get('/products/:slug', (req, res) => {
    const product = findProduct(req.params.slug);
    if (product === undefined) return void res.status(404).json(noSuchProduct(req.params.slug));
    res.json(product);
  });
  api.get('/products/:slug/shipping', async (req, res) => {
    const product = findProduct(req.params.slug);
    if (product === undefined) return void res.status(404).json(noSuchProduct(req.params.slug));
    const quote = await quoteShipping(product.slug, options.shippingDelay);
    res.json({ ...quote, price: formatPrice(quote.priceCents) });
  });

  api.get('/cart', (req, res) => void res.json(cartView(cartOf(carts, req, res))));
  api.post('/cart/items', (req, res) => {
    const cart = cartOf(carts, req, res);
    const { slug, quantity } = readItem(req.body);
    if (!addToCart(cart, slug, quantity ?? 1))
      return void res.status(404).json(noSuchProduct(slug));
    res.status(201).json(cartView(cart));
  });
  api.put('/cart/items/:slug', (req, res) => {
    const cart = cartOf(carts, req, res);
    const { quantity } = readItem(req.body);
    if (quantity === undefined) {
      return void res.status(400).json({ error: 'bad_request', message: 'quantity is missing.' });
    }
    if (!setQuantity(cart, req.params.slug, quantity)) {
      return void res.status(404).json(noSuchProduct(req.params.slug));
    }
    res.json(cartView(cart));
  });

  api.post('/checkout', (req, res) => {
    const cart = cartOf(carts, req, res);
    const read = readCheckoutForm(req.body);
    if (!read.ok) return void res.status(400).json({ error: 'invalid_form', fields: read.errors });
    if (cart.lines.length === 0) return void res.status(409).json({ error: 'empty_cart' });
    const order = placeOrder(cart);
    res.status(201).json({ number: order.number, total: formatPrice(order.totalCents) });
  });
  return api;
}

function readItem(body: unknown): { slug: string; quantity: number | undefined } {
  const given = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const { slug, quantity } = given as { slug?: unknown; quantity?: unknown };
  return {
    slug: typeof slug === 'string' ? slug : '',
    quantity: typeof quantity === 'number' && Number.isInteger(quantity) ? quantity : undefined,
  };
}

function noSuchProduct(slug: string): { error: string; message: string } {
  return { error: 'not_found', message: `We do not sell "${slug.slice(0, 80)}".` };
}

function cartView(cart: Cart): object {
  return {
    count: itemCount(cart),
    total: formatPrice(totalCents(cart)),
    lines: cart.lines.map(({ product, quantity }) => ({
      slug: product.slug,
      quantity,
      total: formatPrice(product.priceCents * quantity),
    })),
  };
}
