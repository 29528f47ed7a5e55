/** What is changed of rrweb beside what is left out of it; see `lean-rrweb.ts`. */

/**
 * Functions that are called for every node, with the same answers for the options given here: one
 * selector blocks, and the gate masks (`src/record/sanitize.ts`), so that nobody need ask for a mask.
 */
export const FASTER: Readonly<Record<string, string>> = {
  _isBlockedElement: `function _isBlockedElement(element, blockClass, blockSelector) {
    try {
      return element.matches(blockSelector);
    } catch {
      return false;
    }
  }`,
  isBlocked: `function isBlocked(node, blockClass, blockSelector, checkAncestors) {
    const el = closestElementOfNode(node);
    if (!el) return false;
    return checkAncestors ? el.closest(blockSelector) !== null : el.matches(blockSelector);
  }`,
  needMaskingText: `function needMaskingText() {
    return false;
  }`,
  hasShadowRoot: `function hasShadowRoot(n) {
    return Boolean(index.shadowRoot(n));
  }`,
  // The getter of a property, to be kept by who asks for it.
  getUntaintedAccessor: `function getUntaintedAccessor(key, accessor) {
    const get = Object.getOwnPropertyDescriptor(getUntaintedPrototype(key), accessor)?.get;
    return get ?? function() { return this[accessor]; };
  }`,
};

/**
 * Values of fields, by keys or by scripts, and selections: with every one a timer, masks and an event
 * else. Ours tells them sooner by `record.tellFields`, where something else happens in between.
 */
export const CALMER: readonly (readonly [before: string, after: string])[] = [
  [
    'callbackWrapper(eventHandler), doc)',
    `callbackWrapper((event) => eventName === "input" ? tellLater(getEventTarget(event), tell) : eventHandler(event)), doc)`,
  ],
  ['  const events = sampling.input', '  const tell = callbackWrapper(eventHandler);\n$&'],
  [
    `callbackWrapper(eventHandler)({
                target: this,
                isTrusted: false
                // userTriggered to false as this could well be programmatic
              });`,
    'tellLater(this, tell);',
  ],
  [
    `setTimeout(() => {
          d.set.call(this, value);
        }, 0);
        if (original && original.set) {
          original.set.call(this, value);
        }`,
    `if (original && original.set) {
          original.set.call(this, value);
        }
        d.set.call(this, value);`,
  ],
  [
    'on("selectionchange", updateSelection)',
    'on("selectionchange", throttle(updateSelection, 100))',
  ],
  [
    'record.mirror = mirror;',
    `$&
record.tellFields = tellFields;
const waitingFields = new Map();
let fieldTimer;
function tellLater(field, tell) {
  waitingFields.set(field, tell);
  record.fieldsAt = nowTimestamp();
  fieldTimer ??= setTimeout(tellFields, 100);
}
function tellFields() {
  if (waitingFields.size === 0) return;
  clearTimeout(fieldTimer);
  fieldTimer = undefined;
  const fields = [...waitingFields];
  waitingFields.clear();
  for (const [target, tell] of fields) tell({ target, isTrusted: false });
}`,
  ],
];
