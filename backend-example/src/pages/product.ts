import { formatPrice } from '../server/catalog.js';
import type { Product } from '../server/catalog.js';
import { productCard } from './home.js';
import { html } from './html.js';
import { page } from './layout.js';
import type { PageContext } from './layout.js';
import { picture } from './picture.js';

export function productPage(
  context: PageContext,
  product: Product,
  related: readonly Product[],
): string {
  return page(
    context,
    product.name,
    html`<article class="product" data-replay-unmask>
        <div class="product-art">${picture(product.slug)}</div>
        <div>
          <p class="eyebrow">${product.category}</p>
          <h1>${product.name}</h1>
          <p class="price large">${formatPrice(product.priceCents)}</p>
          <p class="lead">${product.description}</p>
          <ul class="details">
            ${product.details.map((detail) => html`<li>${detail}</li>`)}
          </ul>
          <div class="actions">
            <button type="button" class="button" data-add="${product.slug}">Add to cart</button>
            <button type="button" class="button quiet" data-shipping="${product.slug}">
              When would it arrive?
            </button>
          </div>
          <p class="answer" role="status" data-shipping-answer></p>
        </div>
      </article>
      <section aria-labelledby="related-title" data-replay-unmask>
        <h2 id="related-title">Goes well with</h2>
        <ul class="grid small">
          ${related.map(productCard)}
        </ul>
      </section>`,
  );
}
