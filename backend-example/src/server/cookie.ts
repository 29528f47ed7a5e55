/** Which cart a request belongs to. */
import type { Request, Response } from 'express';
import type { Cart, CartStore } from './cart.js';

const COOKIE = 'shop_cart';

/** The visitor's cart; a new one is announced by a cookie. */
export function cartOf(carts: CartStore, req: Request, res: Response): Cart {
  const id = new RegExp(`(?:^|;\\s*)${COOKIE}=([^;]+)`).exec(req.headers.cookie ?? '')?.[1];
  const earlier = res.locals['cart'] as Cart | undefined;
  if (earlier !== undefined) return earlier;
  const cart = carts.open(id);
  res.locals['cart'] = cart;
  if (cart.id !== id) res.cookie(COOKIE, cart.id, { httpOnly: true, sameSite: 'lax', path: '/' });
  return cart;
}
