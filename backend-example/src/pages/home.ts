import { CATEGORIES, formatPrice } from '../server/catalog.js';
import type { Product } from '../server/catalog.js';
import { html } from './html.js';
import type { Html } from './html.js';
import { page } from './layout.js';
import type { PageContext } from './layout.js';
import { picture } from './picture.js';

export function homePage(context: PageContext, products: readonly Product[]): string {
  return page(
    context,
    'Tea and what to drink it from',
    html`<section class="hero" data-replay-unmask>
        <div>
          <p class="eyebrow">Autumn firing</p>
          <h1>Tea, and what to drink it from</h1>
          <p class="lead">
            Small batches out of one kiln and a few gardens. Pour slowly; nobody is waiting.
          </p>
          <a class="button" href="#products">See what came out of the kiln</a>
        </div>
        <div class="hero-art">${picture('celadon-teapot')}</div>
      </section>
      <section id="products" aria-labelledby="products-title" data-replay-unmask>
        <div class="shelf-head">
          <h2 id="products-title">Products</h2>
          <div class="filters" role="group" aria-label="Show only">
            <button type="button" data-filter="all" aria-pressed="true">All</button>
            ${CATEGORIES.map(
              ({ id, label }) =>
                html`<button type="button" data-filter="${id}" aria-pressed="false">
                  ${label}
                </button>`,
            )}
          </div>
        </div>
        <ul class="grid">
          ${products.map(productCard)}
        </ul>
      </section>`,
  );
}

export function productCard(product: Product): Html {
  return html`<li class="card" data-category="${product.category}">
    <a href="/products/${product.slug}">
      ${picture(product.slug)}
      <span class="card-text">
        <span class="card-name">${product.name}</span>
        <span class="price">${formatPrice(product.priceCents)}</span>
        <span class="card-summary">${product.summary}</span>
      </span>
    </a>
  </li>`;
}
