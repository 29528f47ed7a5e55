/**
 * Tax per product class, as it came from the finance team's file.
 * It has no row for stored value, so a gift card breaks the checkout: the bug of this example.
 */
import type { Product, TaxClass } from './catalog.js';

interface TaxRate {
  percent: number;
  label: string;
}

const RATES_FILE = `{
  "standard": { "percent": 23, "label": "VAT 23 %" },
  "reduced": { "percent": 9, "label": "VAT 9 %" }
}`;

const RATES = JSON.parse(RATES_FILE) as Record<TaxClass, TaxRate>;

/** Tax that is contained in the price, in cents. */
export function taxContainedIn(product: Product, quantity: number): number {
  const gross = product.priceCents * quantity;
  const rate = RATES[product.taxClass];
  return Math.round(gross - gross / (1 + rate.percent / 100));
}
