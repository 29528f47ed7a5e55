/** Names and made-up values for what the recording does not know. */
import type { PageNode } from '../page/page-tree.js';
import { isMasked } from '../page/masked.js';
import { labelOf } from '../page/roles.js';
import type { Parameter, Value } from './steps.js';

/** By `autocomplete` first, then by `type`; all of it is made up or meant for tests. */
const EXAMPLES: Readonly<Record<string, string>> = {
  email: 'test.person@example.com',
  tel: '+15555550100',
  url: 'https://example.com/',
  number: '1',
  range: '1',
  date: '2030-01-31',
  time: '12:00',
  month: '2030-01',
  'datetime-local': '2030-01-31T12:00',
  color: '#336699',
  name: 'Test Person',
  'given-name': 'Test',
  'family-name': 'Person',
  organization: 'Example Inc.',
  'street-address': '1 Test Street, Testville',
  'address-line1': '1 Test Street',
  'address-level2': 'Testville',
  'postal-code': '12345',
  country: 'US',
  'country-name': 'United States',
  'cc-name': 'Test Person',
  'cc-number': '4242 4242 4242 4242',
  'cc-exp': '12 / 30',
  'cc-exp-month': '12',
  'cc-exp-year': '2030',
  'cc-csc': '123',
  'one-time-code': '000000',
};

/** What fields are called where `autocomplete` says nothing, as it is masked by default. */
const CALLED: readonly (readonly [RegExp, string])[] = [
  [/e-?mail/i, 'email'],
  [/card.?(n|holder)/i, 'cc-number'],
  [/expir|valid (thru|until)|\bexp\b/i, 'cc-exp'],
  [/\b(cvc|cvv|csc)\b|(security|verification|check).?code/i, 'cc-csc'],
  [/phone|mobile|\btel\b/i, 'tel'],
  [/\b(zip|postal|postcode|plz)\b/i, 'postal-code'],
  [/address|street/i, 'street-address'],
  [/first.?name|given/i, 'given-name'],
  [/last.?name|surname|family/i, 'family-name'],
  [/\b(city|town)\b/i, 'address-level2'],
  [/company|organi[sz]ation/i, 'organization'],
  [/\bname\b/i, 'name'],
  [/\b(quantity|amount|number of)\b/i, 'number'],
  [/\b(birth|date)\b/i, 'date'],
];

/** Collects parameters: one for each field, by the name the field has. */
export class Parameters {
  readonly #byField = new Map<string, Parameter>();
  readonly #names = new Set<string>();

  get all(): readonly Parameter[] {
    return [...this.#byField.values()];
  }

  /** @param place tells fields of the same name on different pages apart */
  of(node: PageNode, root: PageNode, place: string): Value {
    const { attributes } = node;
    const words = [labelOf(node, root), attributes['aria-label'], attributes['name']];
    const more = [attributes['id'], attributes['placeholder'], attributes['autocomplete']];
    const field = [...words, ...more].find((w) => w !== undefined && w !== '' && !isMasked(w));
    const key = `${place} ${field ?? node.id}`;
    let known = this.#byField.get(key);
    if (known === undefined) {
      known = { name: this.#nameFor(field ?? 'value'), field: field ?? 'a field without a name' };
      const example = exampleFor(node, field ?? '');
      if (example !== undefined) known.example = example;
      this.#byField.set(key, known);
    }
    return { parameter: known.name };
  }

  #nameFor(field: string): string {
    const words = field
      .replace(/([a-z])(?=[A-Z])/g, '$1 ')
      .normalize('NFKD')
      .split(/[^A-Za-z0-9]+/)
      .filter((word) => word !== '')
      .slice(0, 4)
      .map((word) => word.toLowerCase());
    const joined = words.map((w, at) => (at === 0 ? w : w[0]!.toUpperCase() + w.slice(1))).join('');
    const base = /^[a-z]/.test(joined) ? joined : `value${joined}`;
    let name = base;
    for (let n = 2; this.#names.has(name); n++) name = `${base}${n}`;
    this.#names.add(name);
    return name;
  }
}

function exampleFor({ tag, attributes }: PageNode, field: string): string | undefined {
  const type = (attributes['type'] ?? 'text').toLowerCase();
  // Nobody can make up a password, nor an option of a list that is not known.
  if (type === 'password' || tag === 'select') return undefined;
  const tokens = (attributes['autocomplete'] ?? '').toLowerCase().split(/\s+/);
  const called = CALLED.find(([pattern]) => pattern.test(field))?.[1] ?? '';
  for (const token of [...tokens, type, called]) {
    if (Object.hasOwn(EXAMPLES, token)) return EXAMPLES[token];
  }
  return 'test';
}
