/** The carrier's quote: slow on purpose, as carriers are. */
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ShippingQuote {
  carrier: string;
  days: number;
  priceCents: number;
}

export interface ShippingDelay {
  minMs: number;
  maxMs: number;
}

export const CARRIER_DELAY: ShippingDelay = { minMs: 1500, maxMs: 3000 };

export async function quoteShipping(
  slug: string,
  delay: ShippingDelay = CARRIER_DELAY,
): Promise<ShippingQuote> {
  if (slug === 'gift-card') return { carrier: 'E-mail', days: 0, priceCents: 0 };
  await sleep(randomInt(delay.minMs, delay.maxMs + 1));
  return { carrier: 'Tortoise Parcel', days: 3, priceCents: 490 };
}
