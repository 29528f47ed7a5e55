/** Arbitrary events: any JSON, and what rrweb makes of pages. */
import fc from 'fast-check';

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ maxLength: 40 }),
  // Strings that repeat, and halves of characters.
  fc.constantFrom('div', 'btn', '', '\ud800', '\udfff', '\ud83d\uded2', '__proto__'),
);

const number = fc.oneof(
  fc.integer(),
  fc.nat(200),
  fc.double(),
  fc.maxSafeInteger(),
  fc.constantFrom(-0, NaN, Infinity, 2 ** 50, -(2 ** 50), 2 ** 31, 2 ** 32 + 1),
);

const key = fc.oneof(
  fc.constantFrom('type', 'id', 'data', 'timestamp', 'attributes', 'childNodes', '__proto__', ''),
  text,
);

export const anyValue = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, true, false),
    number,
    text,
    fc.array(tie('value'), { maxLength: 5 }),
    fc
      .array(fc.tuple(key, tie('value')), { maxLength: 5 })
      .map((entries) => Object.fromEntries(entries)),
  ),
})).value;

const timestamp = fc.oneof(
  fc.nat(100).map((n) => 1_767_225_600_000 + n * 16),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.maxSafeInteger(),
);

const id = fc.nat(3000);

const attributes = fc.dictionary(
  fc.constantFrom(
    'class',
    'style',
    'href',
    'id',
    'aria-label',
    '_cssText',
    'rr_width',
    '__proto__',
  ),
  fc.oneof(text, fc.boolean(), fc.nat(500), fc.constant(null)),
  { maxKeys: 4 },
);

const node = fc.letrec<{ node: unknown }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ type: fc.constant(3), textContent: text, id }),
    fc.record({
      type: fc.constant(1),
      name: text,
      publicId: text,
      systemId: text,
      id,
    }),
    fc.record(
      {
        type: fc.constant(2),
        tagName: fc.constantFrom('div', 'span', 'svg', 'td', 'my-element'),
        attributes,
        childNodes: fc.array(tie('node'), { maxLength: 6 }),
        isSVG: fc.constant(true),
        isShadowHost: fc.constant(true),
        id,
      },
      { requiredKeys: ['type', 'tagName', 'attributes', 'childNodes', 'id'] },
    ),
  ),
})).node;

const many = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(item, { maxLength: 6 });

const incremental = fc.oneof(
  fc.record({
    source: fc.constant(0),
    texts: many(fc.record({ id, value: fc.option(text) })),
    attributes: many(fc.record({ id, attributes })),
    removes: many(fc.record({ parentId: id, id })),
    adds: many(
      fc.record(
        { parentId: id, nextId: fc.option(id), node },
        { requiredKeys: ['parentId', 'nextId', 'node'] },
      ),
    ),
  }),
  fc.record({
    source: fc.constantFrom(1, 6, 12),
    positions: many(
      fc.record({ x: number, y: number, id, timeOffset: fc.integer({ min: -500, max: 0 }) }),
    ),
  }),
  fc.record({ source: fc.constant(2), type: fc.nat(10), id, x: number, y: number }),
  fc.record({ source: fc.constant(3), id, x: number, y: number }),
  fc.record({ source: fc.constant(5), text, isChecked: fc.boolean(), id }),
  fc.record({
    source: fc.constant(8),
    id,
    adds: many(fc.record({ rule: text, index: fc.oneof(fc.nat(9), many(fc.nat(9))) })),
  }),
);

export const rrwebEvent = fc.oneof(
  fc.record({
    type: fc.constant(4),
    data: fc.record({ href: text, width: fc.nat(4000), height: fc.nat(4000) }),
    timestamp,
  }),
  fc.record({
    type: fc.constant(2),
    data: fc.record({
      node: fc.record({ type: fc.constant(0), childNodes: many(node), id }),
      initialOffset: fc.record({ left: number, top: number }),
    }),
    timestamp,
  }),
  fc.record({ type: fc.constant(3), data: incremental, timestamp }),
  fc.record({
    type: fc.constantFrom(5, 6),
    data: fc.record({ tag: text, payload: anyValue }),
    timestamp,
  }),
);

const otherEvent = fc
  .tuple(
    fc.array(fc.tuple(key, anyValue), { maxLength: 4 }),
    fc.record({ type: fc.integer({ min: 0, max: 9 }), timestamp }),
  )
  .map(([more, event]) => ({ ...Object.fromEntries(more), ...event }));

export const anyEvent = fc.oneof(rrwebEvent, otherEvent);
export const anyEvents = fc.array(anyEvent, { maxLength: 12 });
