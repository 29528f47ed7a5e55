/**
 * What would be recorded of an element, and why. The answers come from the gate that every event
 * passes: it is given an event about the element, and what comes out is compared with what went in.
 */
import type { SessionReplayOptions } from '../options.js';
import { isMedia } from '../record/attributes.js';
import {
  BLOCKED,
  CONTENT,
  createPrivacyPolicy,
  MASKED,
  policyNameOf,
  TEXT,
  UNMASKED,
  type MaskingOptions,
  type MaskingRules,
  type PrivacyPolicy,
} from '../record/privacy.js';
import { INCREMENTAL, INPUT, MUTATION } from '../record/event-types.js';
import type { SerializedNode } from '../record/rrweb.js';
import { createSanitizer } from '../record/sanitize.js';
import { guardUrls, stripUrl } from '../record/url.js';

/** `shortened`: part of it, as of a URL or of a style. */
export type Outcome = 'recorded' | 'shortened' | 'masked' | 'dropped' | 'blocked';

export interface AttributeExplanation {
  name: string;
  outcome: Outcome;
  /** What would be sent; undefined when nothing is. */
  recorded?: string;
}

/** What decides about an element. */
export interface MaskingReason {
  /**
   * A rule of that kind; `policy`: no rule, so that the policy holds; `editable`: people type here;
   * `detached`: it is not in the page.
   */
  rule: 'block' | 'mask' | 'unmask' | 'editable' | 'policy' | 'detached';
  /** The element that says so: this one or one above it. */
  element?: Element;
  /** The attribute or selector it matches, as it is written. */
  selector?: string;
}

export interface MaskingExplanation {
  /** Name of the policy, as it is sent with every segment. */
  policy: string;
  /** What there is to see of it: nothing, its shape, its text, all but what is typed, everything. */
  sees: 'blocked' | 'masked' | 'text' | 'content' | 'everything';
  because: MaskingReason;
  /** Of the text right in it. */
  text: Outcome;
  attributes: AttributeExplanation[];
  /** Of what is typed or chosen; of fields only. `dropped`: it leaves no event. */
  value?: Outcome;
  /** Of a picture, video or the like; of such elements only. */
  media?: Outcome;
  /** A password, card, code, hidden or file field: no rule and no policy unmasks its value. */
  neverUnmasked: boolean;
}

/** A processor, or the options it was given. */
export type MaskingSource =
  | { readonly options: Pick<SessionReplayOptions, 'masking' | 'urlSanitizer'> }
  | Pick<SessionReplayOptions, 'masking' | 'urlSanitizer'>;

/**
 * Says what would be recorded of `element`, and which rule decides that. For tests and audits:
 * nothing is recorded or sent by asking.
 *
 * @param source the processor, or its options; default: the processor that records this document,
 *   or else the default options
 * @throws what the recorder would refuse the options with
 */
export function explainMasking(element: Element, source?: MaskingSource): MaskingExplanation {
  const { masking, urlSanitizer } = optionsOf(source);
  const policy = createPrivacyPolicy(masking);
  const gate = createGate(policy, guardUrls(urlSanitizer ?? stripUrl), element);
  const seen = policy.of(element);
  const field = /^(input|textarea|select)$/i.test(element.tagName);
  return {
    policy: policyNameOf(masking),
    sees: (['blocked', 'masked', 'text', 'content', 'everything'] as const)[seen],
    because: reasonOf(element, policy, masking),
    text: gate.text(),
    attributes: gate.attributes(),
    ...(field && { value: gate.value() }),
    ...(isMedia(element.localName) && {
      media: seen === BLOCKED ? 'blocked' : seen >= CONTENT ? 'recorded' : 'dropped',
    }),
    neverUnmasked: field && policy.isSecretInput(element),
  };
}

const RECORDING = Symbol.for('recorder-otel.recording');

/** @internal */
export function optionsOf(
  source: MaskingSource | undefined,
): Pick<SessionReplayOptions, 'masking' | 'urlSanitizer'> {
  const recording = (document as unknown as Record<symbol, MaskingSource | undefined>)[RECORDING];
  const given = source ?? recording ?? {};
  return 'options' in given ? given.options : given;
}

const PROBE = 'Probe 1';
const [PARENT, SELF, TEXT_NODE] = [1, 2, 3];

/** Asks the recorder's own gate. */
function createGate(
  policy: PrivacyPolicy,
  sanitizeUrl: (url: string) => string,
  element: Element,
): { text: () => Outcome; attributes: () => AttributeExplanation[]; value: () => Outcome } {
  const nodes = new Map<number, Node | null>([
    [PARENT, element.parentNode],
    [SELF, element],
    [TEXT_NODE, document.createTextNode(PROBE)],
  ]);
  const sanitize = createSanitizer({
    policy,
    sanitizeUrl,
    nodeOf: (id) => nodes.get(id) ?? null,
    isDoubtful: () => false,
  });
  const run = (data: Record<string, unknown>): boolean =>
    sanitize({ type: INCREMENTAL, timestamp: 0, data });
  const blocked = (): boolean => policy.of(element) === BLOCKED;

  function added(): SerializedNode {
    const attributes: Record<string, unknown> = {};
    for (const { name, value } of element.attributes) attributes[name] = value;
    const text: SerializedNode = { type: 3, id: TEXT_NODE, textContent: PROBE };
    const tagName = element.localName;
    const node: SerializedNode = { type: 2, id: SELF, tagName, attributes, childNodes: [text] };
    run({ source: MUTATION, texts: [], attributes: [], adds: [{ parentId: PARENT, node }] });
    return node;
  }
  return {
    text: () => {
      if (blocked()) return 'blocked';
      return outcomeOf(PROBE, added().childNodes?.[0]?.textContent);
    },
    attributes: () => {
      const recorded = added().attributes ?? {};
      return Array.from(element.attributes, ({ name, value }) => {
        const kept = recorded[name];
        const outcome = blocked() && name !== 'class' ? 'blocked' : outcomeOf(value, kept);
        return { name, outcome, ...(typeof kept === 'string' && { recorded: kept }) };
      });
    },
    value: () => {
      if (blocked()) return 'blocked';
      const data = { source: INPUT, id: SELF, text: PROBE };
      return run(data) ? outcomeOf(PROBE, data.text) : 'dropped';
    },
  };
}

function outcomeOf(before: string, after: unknown): Outcome {
  if (after === before) return 'recorded';
  if (typeof after !== 'string' || after === '') return 'dropped';
  return /^[\s*]*$/.test(after) ? 'masked' : 'shortened';
}

/** What decides: walks the same way up, and asks the same question of each node. */
function reasonOf(
  element: Element,
  policy: PrivacyPolicy,
  masking: MaskingOptions | undefined,
): MaskingReason {
  let nearest: MaskingReason | undefined;
  let typed: Element | undefined;
  let last: Node = element;
  for (let at: Node | null = element; at; at = at === document ? null : policy.parentOf(at)) {
    last = at;
    if (at.nodeType !== 1) continue;
    const self = at as Element;
    const low = policy.below(MASKED, self);
    // Whatever is above it, it is the same: it says so itself.
    if (low === policy.below(UNMASKED, self)) {
      const rule = low === BLOCKED ? 'block' : low === MASKED ? 'mask' : 'unmask';
      const found: MaskingReason = { rule, element: self, ...selectorOf(self, rule, masking) };
      if (rule === 'block') return found;
      nearest ??= found;
    } else if (policy.below(TEXT, self) === MASKED) typed ??= self;
  }
  if (last !== document) return { rule: 'detached' };
  if (nearest) return nearest;
  return typed ? { rule: 'editable', element: typed } : { rule: 'policy' };
}

function selectorOf(
  element: Element,
  rule: 'block' | 'mask' | 'unmask',
  masking: MaskingOptions = {},
): { selector?: string } {
  const attribute = `data-replay-${rule}`;
  const own: MaskingRules = typeof masking.policy === 'object' ? masking.policy : {};
  const named = `${rule}Selector` as const;
  const selectors = [`[${attribute}]`, own[named], masking[named]];
  const selector = selectors.find((some) => some && element.matches(some));
  return selector ? { selector } : {};
}
