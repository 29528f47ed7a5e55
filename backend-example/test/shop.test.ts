import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createShop } from '../src/server/app.js';
import { ConfigError, readConfig } from '../src/server/config.js';

const FORM = {
  name: 'Ada Example',
  email: 'ada@example.org',
  address: '1 Example Street',
  card: '4111 1111 1111 1111',
  expiry: '08 / 29',
  cvc: '123',
};

let server: Server;
let origin: string;

beforeAll(async () => {
  const config = readConfig({ VIEWER_URL: 'http://viewer.test/' });
  server = createServer(createShop(config, { shippingDelay: { minMs: 1, maxMs: 2 } }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
});

/** A visitor who keeps the cookie. */
async function visitor(): Promise<(path: string, init?: RequestInit) => Promise<Response>> {
  const first = await fetch(`${origin}/`);
  const cookie = first.headers.get('set-cookie')?.split(';')[0] ?? '';
  return (path, init = {}) =>
    fetch(`${origin}${path}`, {
      redirect: 'manual',
      ...init,
      headers: { cookie, 'content-type': 'application/json', accept: 'text/html' },
    });
}

const post = (body: unknown): RequestInit => ({ method: 'POST', body: JSON.stringify(body) });

describe('pages', () => {
  it('lists the products and shows each of them', async () => {
    const visit = await visitor();
    const home = await (await visit('/')).text();
    const slugs = [...new Set(home.match(/(?<=href="\/products\/)[a-z-]+/g))].filter(
      (slug) => slug !== 'tea-for-nobody',
    );
    expect(slugs).toHaveLength(8);
    for (const slug of slugs) {
      const response = await visit(`/products/${slug}`);
      expect(response.status).toBe(200);
      expect(await response.text()).toContain(`data-add="${slug}"`);
    }
  });

  it('answers 404 with a page to people and with JSON to scripts', async () => {
    const visit = await visitor();
    const response = await visit('/products/<b>nothing</b>');
    const body = await response.text();
    expect(response.status).toBe(404);
    expect(body).toContain('This shelf is empty');
    expect(body).not.toContain('<b>nothing');
    const api = await visit('/api/products/nothing');
    expect(api.status).toBe(404);
    expect(await api.json()).toMatchObject({ error: 'not_found' });
  });

  it('marks nothing a visitor types as public', async () => {
    const visit = await visitor();
    await visit('/api/cart/items', post({ slug: 'harbour-mug' }));
    const body = await (await visit('/checkout')).text();
    const form = body.slice(body.indexOf('<form'), body.indexOf('</form>'));
    for (const input of form.match(/<input[^>]*>/g) ?? []) expect(input).not.toContain('unmask');
    expect(form.slice(0, form.indexOf('>'))).not.toContain('unmask');
  });

  it('sends those with an empty cart away from the checkout', async () => {
    const visit = await visitor();
    const response = await visit('/checkout');
    expect([response.status, response.headers.get('location')]).toEqual([302, '/cart']);
  });
});

describe('cart', () => {
  it('keeps one cart per visitor', async () => {
    const [one, two] = [await visitor(), await visitor()];
    await one('/api/cart/items', post({ slug: 'harbour-mug', quantity: 2 }));
    expect(await (await one('/api/cart')).json()).toMatchObject({ count: 2, total: '€48.00' });
    expect(await (await two('/api/cart')).json()).toMatchObject({ count: 0 });
  });

  it('changes and removes lines, and knows its products', async () => {
    const visit = await visitor();
    const put = (quantity: unknown): RequestInit => ({
      method: 'PUT',
      body: JSON.stringify({ quantity }),
    });
    await visit('/api/cart/items', post({ slug: 'harbour-mug' }));
    const more = await visit('/api/cart/items/harbour-mug', put(3));
    expect(await more.json()).toMatchObject({ count: 3 });
    const none = await visit('/api/cart/items/harbour-mug', put(0));
    expect(await none.json()).toMatchObject({ count: 0, lines: [] });
    expect((await visit('/api/cart/items/harbour-mug', put('x'))).status).toBe(400);
    expect((await visit('/api/cart/items', post({ slug: 'nothing' }))).status).toBe(404);
  });

  it('answers a body that is no JSON with 400', async () => {
    const visit = await visitor();
    const response = await visit('/api/cart/items', { method: 'POST', body: '{' });
    expect(response.status).toBe(400);
  });
});

describe('checkout', () => {
  it('takes an order and empties the cart', async () => {
    const visit = await visitor();
    await visit('/api/cart/items', post({ slug: 'harbour-mug' }));
    const response = await visit('/api/checkout', post(FORM));
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject({ total: '€24.00' });
    expect(await (await visit('/api/cart')).json()).toMatchObject({ count: 0 });
  });

  it('names every field that is wrong', async () => {
    const visit = await visitor();
    await visit('/api/cart/items', post({ slug: 'harbour-mug' }));
    const response = await visit('/api/checkout', post({ ...FORM, card: '12', email: 'nobody' }));
    expect(response.status).toBe(400);
    const { fields } = (await response.json()) as { fields: Record<string, string> };
    expect(Object.keys(fields).sort()).toEqual(['card', 'email']);
  });

  it('breaks on the gift card and tells nobody why', async () => {
    const visit = await visitor();
    await visit('/api/cart/items', post({ slug: 'gift-card' }));
    const response = await visit('/api/checkout', post(FORM));
    expect(response.status).toBe(500);
    expect(await response.text()).not.toMatch(/percent|TypeError|at /);
  });
});

it('quotes shipping', async () => {
  const visit = await visitor();
  const response = await visit('/api/products/harbour-mug/shipping');
  expect(await response.json()).toMatchObject({ days: 3, price: '€4.90' });
});

describe('configuration', () => {
  it('lets the page send somewhere else than the server', () => {
    const config = readConfig({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/',
      BROWSER_OTLP_ENDPOINT: 'https://otel.example.com',
    });
    expect(config.browserTracesUrl).toBe('https://otel.example.com/v1/traces');
    expect(readConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:1/' }).browserTracesUrl).toBe(
      'http://c:1/v1/traces',
    );
  });

  it.each([
    ['PORT', 'seventy'],
    ['PORT', '70000'],
    ['VIEWER_URL', 'viewer.example.com'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'grpc://collector:4317'],
  ])('refuses %s=%s by name', (variable, value) => {
    expect(() => readConfig({ [variable]: value })).toThrow(ConfigError);
    expect(() => readConfig({ [variable]: value })).toThrow(variable);
  });
});
