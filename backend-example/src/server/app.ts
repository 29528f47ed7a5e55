/** The Express application: pages, the API behind them, and how both answer errors. */
import { fileURLToPath } from 'node:url';
import { trace } from '@opentelemetry/api';
import express from 'express';
import type { Express, NextFunction, Request, Response } from 'express';
import { cartPage } from '../pages/cart.js';
import { checkoutPage } from '../pages/checkout.js';
import { homePage } from '../pages/home.js';
import { notFoundPage, serverErrorPage } from '../pages/problem.js';
import { productPage } from '../pages/product.js';
import type { PageContext } from '../pages/layout.js';
import { apiRoutes } from './api.js';
import { CartStore, itemCount } from './cart.js';
import { findProduct, PRODUCTS, relatedTo } from './catalog.js';
import type { ShopConfig } from './config.js';
import { cartOf } from './cookie.js';
import type { ShippingDelay } from './shipping.js';

export interface ShopOptions {
  /** How long the carrier takes; tests shorten it. */
  shippingDelay?: ShippingDelay;
}

export function createShop(config: ShopConfig, options: ShopOptions = {}): Express {
  const app = express();
  const carts = new CartStore();
  const context = (req: Request, res: Response): PageContext => ({
    config,
    cartCount: itemCount(cartOf(carts, req, res)),
    traceId: trace.getActiveSpan()?.spanContext().traceId,
  });
  app.disable('x-powered-by');
  app.get('/health', (_req, res) => void res.json({ status: 'ok' }));
  app.use('/assets', express.static(fileURLToPath(new URL('../web', import.meta.url))));
  app.use('/api', apiRoutes(carts, options));
  app.get('/', (req, res) => void res.send(homePage(context(req, res), PRODUCTS)));
  app.get('/products/:slug', (req, res, next) => {
    const product = findProduct(req.params.slug);
    if (product === undefined) return next();
    res.send(productPage(context(req, res), product, relatedTo(product, 4)));
  });
  app.get('/cart', (req, res) => {
    res.send(cartPage(context(req, res), cartOf(carts, req, res)));
  });
  app.get('/checkout', (req, res) => {
    const cart = cartOf(carts, req, res);
    if (cart.lines.length === 0) return res.redirect('/cart');
    res.send(checkoutPage(context(req, res), cart));
  });
  app.use((req, res) => {
    res.status(404);
    if (wantsPage(req)) res.send(notFoundPage(context(req, res), req.path));
    else res.json({ error: 'not_found', message: `There is nothing at ${req.originalUrl}.` });
  });
  app.use((error: unknown, req: Request, res: Response, next: NextFunction) => {
    if (res.headersSent) return next(error);
    // Has the page keep its replay, before the trace backend knows of the error.
    if (clientErrorStatus(error) === undefined) {
      res.appendHeader('Server-Timing', 'session-replay;desc="keep"');
    }
    answerError(error, req, res, context);
  });
  return app;
}

function answerError(
  error: unknown,
  req: Request,
  res: Response,
  context: (req: Request, res: Response) => PageContext,
): void {
  const status = clientErrorStatus(error);
  if (status !== undefined) {
    res.status(status).json({ error: 'bad_request', message: 'The request could not be read.' });
    return;
  }
  process.stderr.write(`shop: ${error instanceof Error ? error.stack : String(error)}\n`);
  res.status(500);
  if (wantsPage(req)) res.send(serverErrorPage(context(req, res)));
  else res.json({ error: 'internal', message: 'Something broke on our side.' });
}

/** Express's own parsers mark what the client got wrong. */
function clientErrorStatus(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('status' in error)) return undefined;
  const { status } = error;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}

function wantsPage(req: Request): boolean {
  return !req.path.startsWith('/api/') && req.accepts(['json', 'html']) === 'html';
}
