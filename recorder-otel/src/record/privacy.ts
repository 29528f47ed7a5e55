/**
 * Who may see what. Deny by default: text, input and media are masked unless the nearest ancestor
 * that says something says `data-replay-unmask`. Masked wins on a tie and on any doubt.
 */

/** Every selector is added to the attribute that does the same. */
export interface MaskingOptions {
  /** Like `data-replay-unmask`: text, attributes and media of these elements are recorded. */
  unmaskSelector?: string;
  /** Like `data-replay-mask`: masked again, below an unmasked ancestor. */
  maskSelector?: string;
  /** Like `data-replay-block`: a box of the same size is recorded, nothing of its content. */
  blockSelector?: string;
  /** Like `data-replay-ignore`: what is typed here leaves no event, masked or not. */
  ignoreSelector?: string;
  /** Attributes beyond the built-in list whose values are layout or state, never user text. */
  allowAttributes?: readonly string[];
  /** Name of the policy for audits, sent as `session_replay.masking`; default `deny-by-default`. */
  policyName?: string;
}

export const DEFAULT_POLICY_NAME = 'deny-by-default';

export type Visibility = 'masked' | 'unmasked' | 'blocked';

/** In type, autocomplete, id or name of a field. */
const SECRET = /passw|^(hidden|file) |\b(cc-|one-time-code)|card.?num|\b(cvc|cvv|csc|ssn|iban)\b/i;

const attributeSelector = (name: string, more: string | undefined): string =>
  `[data-replay-${name}]` + (more ? `,${more}` : '');

export interface PrivacyPolicy {
  readonly blockSelector: string;
  readonly ignoreSelector: string;
  readonly allowAttributes: readonly string[];
  /** What the element itself says; undefined when it says nothing. */
  own(element: Element): Visibility | undefined;
  /** Looks upwards from a node, through shadow roots and same-origin frames. */
  of(node: Node | null | undefined): Visibility;
  /** Passwords, cards, one-time codes, hidden fields and files: no attribute unmasks them. */
  isSecretInput(element: Element | null | undefined): boolean;
}

/** @throws SyntaxError when a selector cannot be parsed: recording must not start without it */
export function createPrivacyPolicy(options: MaskingOptions = {}): PrivacyPolicy {
  const block = attributeSelector('block', options.blockSelector);
  const ignore = attributeSelector('ignore', options.ignoreSelector);
  const mask = attributeSelector('mask', options.maskSelector);
  const unmask = attributeSelector('unmask', options.unmaskSelector);
  /** One test for the many elements that say nothing. */
  const any = [block, mask, unmask].join();
  document.createElement('i').matches(`${any},${ignore}`);
  /** A field that once was a password stays one, also after "show password". */
  const secrets = new WeakSet<Element>();

  function own(element: Element): Visibility | undefined {
    try {
      if (!element.matches(any)) return undefined;
      if (element.matches(block)) return 'blocked';
      return element.matches(mask) ? 'masked' : 'unmasked';
    } catch {
      return 'masked';
    }
  }

  function of(node: Node | null | undefined): Visibility {
    try {
      let found: Visibility | undefined;
      for (let at: Node | null = node ?? null; at; at = parentOf(at)) {
        const says = at.nodeType === 1 ? own(at as Element) : undefined;
        if (says === 'blocked') return says;
        found ??= says;
      }
      return found ?? 'masked';
    } catch {
      return 'masked';
    }
  }

  function isSecretInput(element: Element | null | undefined): boolean {
    try {
      if (!element) return true;
      const { type, autocomplete, id } = element as HTMLInputElement;
      const attributes = ['autocomplete', 'name'].map((name) => element.getAttribute(name));
      const secret =
        secrets.has(element) ||
        element.hasAttribute('data-rr-is-password') ||
        SECRET.test([type, autocomplete, id, ...attributes].join(' '));
      if (secret) secrets.add(element);
      return secret;
    } catch {
      return true;
    }
  }
  return {
    blockSelector: block,
    ignoreSelector: `:is(${ignore}),:is(${ignore}) *`,
    allowAttributes: options.allowAttributes ?? [],
    own,
    of,
    isSecretInput,
  };
}

function parentOf(node: Node): Node | null {
  if (node.parentNode) return node.parentNode;
  // A shadow root hangs on its host, a frame's document on its frame.
  return (node as ShadowRoot).host ?? (node as Document).defaultView?.frameElement ?? null;
}
