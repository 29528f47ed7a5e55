/**
 * Who may see what. Deny by default: text, input and media are masked unless the nearest ancestor
 * that says something says `data-replay-unmask`. Masked wins on a tie and on any doubt.
 */
import { maskSecret, maskText } from './mask.js';
import { isNative } from './native.js';

/** What says more or less than the policy does. Every selector is added to the attribute alike. */
export interface MaskingRules {
  /** Like `data-replay-unmask`: text, input, attributes and media of these elements are recorded. */
  unmaskSelector?: string;
  /** Like `data-replay-mask`: masked again, below an unmasked ancestor. */
  maskSelector?: string;
  /** Like `data-replay-block`: a box of the same size is recorded, nothing of its content. */
  blockSelector?: string;
  /** Like `data-replay-ignore`: what is typed here leaves no event, masked or not. */
  ignoreSelector?: string;
  /** Attributes beyond the built-in list whose values are layout or state, never user text. */
  allowAttributes?: readonly string[];
}

/**
 * `deny-by-default`: all is masked. `public-text`: text of the page is recorded; what users enter,
 * attributes and media are masked. `mask-inputs`: only what users enter is masked. Passwords, cards,
 * codes, hidden and file inputs are masked in all of them.
 */
export type PolicyName = 'deny-by-default' | 'public-text' | 'mask-inputs';

/** A policy of your own: a built-in one, with rules, under a name for audits. */
export interface MaskingPolicy extends MaskingRules {
  /** Sent with every segment as `session_replay.masking`; change it when the rules change. */
  name: string;
  /** What holds where no rule says otherwise; default `deny-by-default`. */
  base?: PolicyName;
}

export interface MaskingOptions extends MaskingRules {
  /** What is recorded where no rule says otherwise; default `deny-by-default`. */
  policy?: PolicyName | MaskingPolicy;
  /**
   * Name of the policy for audits, sent as `session_replay.masking`; default: the policy's own,
   * with `+rules` where `unmaskSelector` or `allowAttributes` beside it let more through.
   */
  policyName?: string;
}

/** From nothing to everything. */
export const BLOCKED = 0;
export const MASKED = 1;
/** Text of the page, but nothing that was typed, no attributes and no media. */
export const TEXT = 2;
/** All but what was entered. */
export const CONTENT = 3;
export const UNMASKED = 4;
export type Visibility = 0 | 1 | 2 | 3 | 4;
/** An element people type into: masked where no rule unmasks it. */
const TYPED = -1;

const POLICIES: Readonly<Record<PolicyName, Visibility>> = {
  'deny-by-default': MASKED,
  'public-text': TEXT,
  'mask-inputs': CONTENT,
};

/** What is sent as `session_replay.masking`. */
export function policyNameOf(options: MaskingOptions = {}): string {
  const { policyName, policy = 'deny-by-default', unmaskSelector, allowAttributes } = options;
  const name = typeof policy === 'object' ? policy.name : policy;
  return policyName ?? name + (unmaskSelector || allowAttributes ? '+rules' : '');
}

/** In type, autocomplete, id, name and description of a field. */
const SECRET =
  /passw|passphrase|kennwort|^(hidden|file) |\b(cc-|one-time-code|(cvc|cvv|csc|cvn|ssn|iban|otp|pin|tan|pwd|secret)\b)|\bcc.?(n|exp)|(card|konto|account).?n|(security|verification).?code|expir|\d{4} \d{4}|MM ?\/ ?[YJ]/i;

type MaybeRule = string | undefined;
/** @internal of one kind: `block`, `mask`, … */
export const ruleSelector = (kind: string, ...more: MaybeRule[]): string =>
  [`[data-replay-${kind}]`, ...more.filter(Boolean)].join();

export interface PrivacyPolicy {
  /** For rrweb. */
  readonly blockSelector: string;
  readonly allowAttributes: readonly string[];
  /** Of a node, from what its ancestors say and what it says itself. */
  below(inherited: Visibility, node: Node): Visibility;
  /**
   * The elements of a document, not of its shadow trees, that say something themselves; all others
   * are seen as what is above them. Valid as long as no page code runs; undefined: each must be asked.
   */
  sayersIn(root: Document): ReadonlySet<Node> | undefined;
  /**
   * Looks upwards from a node, through shadow roots and same-origin frames.
   * @param known answers so far, valid as long as no page code runs
   */
  of(node: Node | null | undefined, known?: Map<Node, Visibility>): Visibility;
  /** Passwords, cards, one-time codes, hidden fields and files: no attribute unmasks them. */
  isSecretInput(element: Element | null | undefined): boolean;
  /** What of the text in a field may be seen; of what it has masked, the same again. */
  maskInput(text: string, element: Element, visibility?: Visibility): string;
  /** Something said this of a field before it was changed. */
  wasSecret(element: Element, said: string): void;
  /** What is typed here leaves no event. */
  isIgnored: (element: Element) => boolean;
  /** The next node that says something about this one. */
  parentOf(node: Node): Node | null;
  /** A change of this attribute may change what is seen at and below its element. */
  dependsOn(attribute: string): boolean;
  /** Only what a node and its ancestors say decides about it. */
  readonly isLocal: boolean;
}

/**
 * @throws TypeError when there is no policy of that name, SyntaxError when a selector cannot be
 *   parsed: recording must not start without them
 */
export function createPrivacyPolicy(options: MaskingOptions = {}): PrivacyPolicy {
  const named = typeof options.policy === 'object' ? options.policy : { base: options.policy };
  const { base = 'deny-by-default', ...rules }: Partial<MaskingPolicy> = named as MaskingPolicy;
  const fallback = POLICIES[base];
  if (!fallback) throw new TypeError(`masking.policy: no policy is called ${String(base)}`);
  const block = ruleSelector('block', rules.blockSelector, options.blockSelector);
  const ignore = ruleSelector('ignore', rules.ignoreSelector, options.ignoreSelector);
  const mask = ruleSelector('mask', rules.maskSelector, options.maskSelector);
  const unmask = ruleSelector('unmask', rules.unmaskSelector, options.unmaskSelector);
  const typed = '[contenteditable]:not([contenteditable="false"]),[role="textbox"],textarea';
  /** One test for the many elements that say nothing. */
  const any = [block, mask, unmask, ...(fallback > MASKED ? [typed] : [])].join();
  /** A field that once was a password stays one, also after "show password". */
  const secrets = new WeakSet<Element>();
  /** The words of a field that told of no secret: every key that is typed asks again. */
  const harmless = new WeakMap<Element, string>();
  // The DOM's own: a field named `parentNode` or `matches` hides the property of its form.
  const nodeType = getterOf('nodeType');
  const parentNode = getterOf('parentNode');
  const methods = Element.prototype as unknown as Record<
    'matches' | 'closest' | 'getRootNode',
    Method
  >;
  const { matches: matchesIt, closest, getRootNode: rootOf } = methods;
  const isElement = (node: Node): node is Element => nodeType.call(node) === 1;
  const matches = (element: Element, selector: string): boolean =>
    matchesIt.call(element, selector) as boolean;
  matches(document.createElement('i'), `${any},${ignore}`);
  /** Whether one look upwards tells as much as asking each ancestor. */
  const isPlain = !any.includes(':scope');
  const { querySelectorAll } = Document.prototype as unknown as Record<'querySelectorAll', Method>;
  /** One that the page put in its place may leave out what it hides. */
  const findsAll = isNative(querySelectorAll);
  /** What was last in a field, and what became of it: rrweb asks of each key that is typed twice. */
  const masks = new WeakMap<Element, readonly [text: string, masked: string]>();

  /** What the node itself says; undefined when it says nothing. */
  function own(node: Node): Visibility | typeof TYPED | undefined {
    if (!isElement(node)) return (node as Document).designMode === 'on' ? TYPED : undefined;
    if (!matches(node, any)) return undefined;
    if (matches(node, block)) return BLOCKED;
    if (matches(node, mask)) return MASKED;
    return matches(node, unmask) ? UNMASKED : TYPED;
  }

  function below(inherited: Visibility, node: Node): Visibility {
    if (inherited === BLOCKED) return BLOCKED;
    try {
      const says = own(node) ?? inherited;
      if (says !== TYPED) return says;
      return inherited === UNMASKED ? UNMASKED : MASKED;
    } catch {
      return MASKED;
    }
  }

  function look(node: Node, known: Map<Node, Visibility>): Visibility {
    let found = known.get(node);
    if (found === undefined) {
      // Of what hangs nowhere nobody knows what is above it.
      const parent = node === document ? undefined : parentOf(node);
      found = below(parent ? look(parent, known) : parent === undefined ? fallback : BLOCKED, node);
      known.set(node, found);
    }
    return found;
  }

  /** Nothing at or above an element of the page itself says anything, as is true of most. */
  function isSilent(node: Node): boolean {
    return (
      isPlain &&
      isElement(node) &&
      closest.call(node, any) === null &&
      rootOf.call(node) === document &&
      document.designMode !== 'on'
    );
  }

  function parentOf(node: Node): Node | null {
    const parent = parentNode.call(node) as Node | null;
    if (parent || isElement(node)) return parent;
    // A shadow root hangs on its host, a frame's document on its frame.
    return (node as ShadowRoot).host ?? (node as Document).defaultView?.frameElement ?? null;
  }

  function isSecretInput(element: Element | null | undefined): boolean {
    try {
      if (!element) return true;
      if (secrets.has(element)) return true;
      const { type, autocomplete, id, inputMode, maxLength } = element as HTMLInputElement;
      const said = (name: string): string => element.getAttribute(name) ?? '';
      const told = `${type} ${autocomplete} ${id} ${said('autocomplete')} ${said('name')} ${said('placeholder')} ${said('aria-label')}`;
      const secret =
        element.hasAttribute('data-rr-is-password') ||
        // Boxes of one digit each, and short numbers: codes, cards and their parts.
        maxLength === 1 ||
        (maxLength > 1 && maxLength < 24 && inputMode === 'numeric') ||
        // `cardCvc` and `card_cvc` are words too.
        (harmless.get(element) !== told && SECRET.test(told.replace(/([a-z])(?=[A-Z])|_/g, '$1 ')));
      if (secret) secrets.add(element);
      else harmless.set(element, told);
      return secret;
    } catch {
      return true;
    }
  }

  function sayersIn(root: Document): ReadonlySet<Node> | undefined {
    if (!isPlain || !findsAll) return undefined;
    return new Set(querySelectorAll.call(root, any) as NodeListOf<Element>);
  }

  function visibilityOf(node: Node | null | undefined, known?: Map<Node, Visibility>): Visibility {
    try {
      if (!node) return MASKED;
      const found = known?.get(node);
      if (found !== undefined) return found;
      if (!isSilent(node)) return look(node, known ?? new Map<Node, Visibility>());
      known?.set(node, fallback);
      return fallback;
    } catch {
      return MASKED;
    }
  }

  return {
    blockSelector: block,
    allowAttributes: [...(rules.allowAttributes ?? []), ...(options.allowAttributes ?? [])],
    below,
    sayersIn,
    of: visibilityOf,
    isSecretInput,
    maskInput: (text, element, visibility) => {
      // As it was masked then, also if it would be told otherwise now: nothing new is said.
      const before = masks.get(element);
      if (before?.includes(text)) return before[1];
      let masked: string;
      if (isSecretInput(element)) masked = maskSecret(text);
      else if ((visibility ?? visibilityOf(element)) === UNMASKED) return text;
      else masked = maskText(text);
      masks.set(element, [text, masked]);
      return masked;
    },
    wasSecret: (element, said) => {
      if (SECRET.test(`${said} `)) secrets.add(element);
    },
    parentOf,
    dependsOn: (name) =>
      any.includes(name) || any.includes(name === 'class' ? '.' : name === 'id' ? '#' : '[' + name),
    // Siblings and content may be changed without a word at the node itself.
    isLocal: !/[+~]|:(?!not|is|where)/.test(any),
    isIgnored: (element) => {
      for (let at: Node | null = element; at; at = parentOf(rootOf.call(at) as Node)) {
        if (isElement(at) && closest.call(at, ignore)) return true;
      }
      return false;
    },
  };
}

type Method = (this: Node, selector?: string) => unknown;

function getterOf(name: keyof Node): Method {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with a node
  return Object.getOwnPropertyDescriptor(Node.prototype, name)!.get!;
}
