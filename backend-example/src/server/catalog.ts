/** What the shop sells. */
export type TaxClass = 'standard' | 'reduced' | 'stored-value';
export type Category = 'ceramics' | 'tea' | 'tools' | 'gifts';

export interface Product {
  slug: string;
  name: string;
  category: Category;
  priceCents: number;
  taxClass: TaxClass;
  summary: string;
  description: string;
  details: readonly string[];
}

export const CATEGORIES: readonly { id: Category; label: string }[] = [
  { id: 'ceramics', label: 'Ceramics' },
  { id: 'tea', label: 'Tea' },
  { id: 'tools', label: 'Tools' },
  { id: 'gifts', label: 'Gifts' },
];

export const PRODUCTS: readonly Product[] = [
  {
    slug: 'celadon-teapot',
    name: 'Celadon teapot',
    category: 'ceramics',
    priceCents: 6800,
    taxClass: 'standard',
    summary: 'Thrown by hand, glazed in willow green.',
    description:
      'A round-bellied pot for two, thrown on the wheel and fired twice. The spout pours without a drip and the lid sits still.',
    details: ['0.6 litres', 'Stoneware, food-safe glaze', 'Strainer behind the spout'],
  },
  {
    slug: 'harbour-mug',
    name: 'Harbour mug',
    category: 'ceramics',
    priceCents: 2400,
    taxClass: 'standard',
    summary: 'A mug that is at home in cold hands.',
    description:
      'Thick walls, wide handle, and a band of cobalt where the sea would be. It goes into the dishwasher and comes out the same.',
    details: ['350 millilitres', 'Dishwasher and microwave safe', 'Each one a little different'],
  },
  {
    slug: 'tasting-bowls',
    name: 'Tasting bowls',
    category: 'ceramics',
    priceCents: 4200,
    taxClass: 'standard',
    summary: 'Four small bowls, four quiet colours.',
    description:
      'Made for tasting tea side by side; used by most people for olives, salt, rings and keys.',
    details: ['Set of four, 60 millilitres each', 'They nest'],
  },
  {
    slug: 'high-mountain-oolong',
    name: 'High mountain oolong',
    category: 'tea',
    priceCents: 1850,
    taxClass: 'reduced',
    summary: 'Rolled leaves, lilac and warm butter.',
    description:
      'Picked in spring above 1,600 metres and rolled into small pearls. Good for five infusions, the third one is the best.',
    details: ['100 grams', 'Harvest of this spring', '90 °C, one minute'],
  },
  {
    slug: 'first-flush-darjeeling',
    name: 'First flush Darjeeling',
    category: 'tea',
    priceCents: 1600,
    taxClass: 'reduced',
    summary: 'Bright, floral and gone by June.',
    description:
      'The first leaves of the year, light as a white wine. We buy one chest and no more.',
    details: ['80 grams', 'Single garden', '85 °C, two minutes'],
  },
  {
    slug: 'bamboo-whisk',
    name: 'Bamboo whisk',
    category: 'tools',
    priceCents: 1900,
    taxClass: 'standard',
    summary: 'A hundred tines out of one piece of bamboo.',
    description:
      'Split, thinned and bent by hand. Rinse it with warm water, let it dry on its head.',
    details: ['100 tines', 'White bamboo', 'With a stand'],
  },
  {
    slug: 'gooseneck-kettle',
    name: 'Gooseneck kettle',
    category: 'tools',
    priceCents: 8900,
    taxClass: 'standard',
    summary: 'Pours exactly where you look.',
    description:
      'Brushed steel with a spout that slows the water down. A thermometer in the lid, no screen, no app.',
    details: ['0.9 litres', 'All hobs, induction too', 'Thermometer in the lid'],
  },
  {
    slug: 'gift-card',
    name: 'Gift card',
    category: 'gifts',
    priceCents: 5000,
    taxClass: 'stored-value',
    summary: 'For somebody who knows what they like.',
    description: 'Sent by e-mail, valid in the shop and the studio, and it never runs out.',
    details: ['Sent within a minute', 'Valid for ever', 'Can be split over several orders'],
  },
];

export function findProduct(slug: string): Product | undefined {
  return PRODUCTS.find((product) => product.slug === slug);
}

/** Others of the same shelf first, then the rest; never the product itself. */
export function relatedTo(product: Product, count: number): Product[] {
  const others = PRODUCTS.filter((other) => other.slug !== product.slug);
  const same = others.filter((other) => other.category === product.category);
  const rest = others.filter((other) => other.category !== product.category);
  return [...same, ...rest].slice(0, count);
}

export function formatPrice(cents: number): string {
  return new Intl.NumberFormat('en-IE', { style: 'currency', currency: 'EUR' }).format(cents / 100);
}
