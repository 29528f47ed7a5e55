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
  contains: `function contains(n, other) {
    return (untaintedContains ??= getUntaintedPrototype("Node").contains).call(n, other);
  }`,
  processRemoves: `function processRemoves(n, cache) {
    if (cache.has(n)) return;
    cache.add(n);
    for (let child = index.firstChild(n); child; child = index.nextSibling(child)) processRemoves(child, cache);
  }`,
  // One that the page handed over is as good as an open one.
  shadowRoot: `function shadowRoot(n) {
    if (!n || !("shadowRoot" in n)) return null;
    return record.closedRoots?.get(n) ?? getUntaintedAccessor("Element", n, "shadowRoot");
  }`,
  // Only in an open shadow tree is the first of the path another than the target.
  getEventTarget: `function getEventTarget(event) {
    const target = event && event.target;
    if (!target || !target.shadowRoot) return target;
    try {
      return event.composedPath()[0] ?? target;
    } catch {
      return target;
    }
  }`,
  // None of its listeners is told of more than one thing; what it throws is handled here.
  throttle: `function throttle(func, wait, options = {}) {
    let timeout = null;
    let previous = 0;
    return (what) => {
      try {
        const now = Date.now();
        if (!previous && options.leading === false) previous = now;
        const remaining = wait - (now - previous);
        if (remaining <= 0 || remaining > wait) {
          if (timeout) {
            clearTimeout(timeout);
            timeout = null;
          }
          previous = now;
          func(what);
        } else if (!timeout && options.trailing !== false) {
          timeout = setTimeout(() => {
            previous = options.leading === false ? 0 : Date.now();
            timeout = null;
            func(what);
          }, remaining);
        }
      } catch (error) {
        if (errorHandler?.(error) !== true) throw error;
      }
    };
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
  // With every move and every pixel: caught once, where it is held back.
  [
    `callbackWrapper(
    throttle(
      callbackWrapper((evt) => {
        const target = getEventTarget(evt);
        const {`,
    `(
    throttle(
      callbackWrapper((evt) => {
        const target = getEventTarget(evt);
        const {`,
  ],
  [
    `callbackWrapper(
    throttle(
      callbackWrapper((evt) => {
        const target = getEventTarget(evt);
        if (`,
    `(
    throttle(
      callbackWrapper((evt) => {
        const target = getEventTarget(evt);
        if (`,
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

/**
 * Most nodes are read by `src/record/serialize.ts`, and the options for reading what was added are
 * made once, not for every node.
 */
export const WALK: readonly (readonly [before: string, after: string])[] = [
  // Of what was read of a node nobody asks for more than its id.
  [
    'this.nodeMetaMap.set(n, meta);\n  }\n  replace',
    'this.nodeMetaMap.set(n, id);\n  }\n  replace',
  ],
  [
    `var _a2;
    if (!n) return -1;
    const id = (_a2 = this.getMeta(n)) == null ? void 0 : _a2.id;
    return id ?? -1;`,
    'return this.nodeMetaMap.get(n) ?? -1;',
  ],
  ['const untaintedMethodCache = {};', 'let untaintedContains;\n$&'],
  [
    `const id = this.getId(n);
    this.idNodeMap.delete(id);
    if (n.childNodes) {
      n.childNodes.forEach(
        (childNode) => this.removeNodeFromMap(childNode)
      );
    }`,
    `this.idNodeMap.delete(this.nodeMetaMap.get(n));
    for (let child = index.firstChild(n); child; child = index.nextSibling(child)) this.removeNodeFromMap(child);`,
  ],
  ['"genAdds", (n, target) => {', '"genAdds", (n, target, clear) => {'],
  [
    `if (!isBlocked(n, this.blockClass, this.blockSelector, false)) {
        index.childNodes(n).forEach((childN) => this.genAdds(childN));`,
    `if (n.nodeType === 3) return;
      clear ??= isClear(n, this.blockSelector);
      if (clear || !isBlocked(n, this.blockClass, this.blockSelector, false)) {
        for (let child = index.firstChild(n); child; child = index.nextSibling(child)) this.genAdds(child, undefined, clear);`,
  ],
  [
    'function deepDelete(addsSet, n) {',
    `let findsAll;
function isClear(n, blockSelector) {
  // One that the page put in its place may leave out what it hides.
  findsAll ??= Function.prototype.toString.call(Element.prototype.querySelector).includes("[native code]");
  return findsAll && n.nodeType === 1 && !n.matches(blockSelector) && n.querySelector(blockSelector) === null;
}
$&`,
  ],
  [
    'function serializeNodeWithId(n, options) {',
    `function serializeNodeWithId(n, options) {
  return (record.serializeNode ?? serializeRareNode)(n, options);
}
function serializeRareNode(n, options) {`,
  ],
  // Of more than three things no callback is told.
  [
    'const rrwebWrapped = (...rest) => {\n    try {\n      return cb(...rest);',
    'const rrwebWrapped = (a, b, c) => {\n    try {\n      return cb(a, b, c);',
  ],
  [
    `  if (["input", "textarea", "select"].includes(tagName)) {
    const value = n.value;
    const checked = n.checked;
    if (attributes.type !== "radio" && attributes.type !== "checkbox" && attributes.type !== "submit" && attributes.type !== "button" && value) {
      attributes.value = maskInputValue({
        element: n,
        type: getInputType(n),
        tagName,
        value,
        maskInputOptions,
        maskInputFn
      });
    } else if (checked) {
      attributes.checked = checked;
    }
  }`,
    `  if (["input", "textarea", "select"].includes(tagName)) readField(n, tagName, attributes, options);`,
  ],
  [
    'function serializeElementNode(n, options) {',
    `function readField(n, tagName, attributes, { maskInputOptions = {}, maskInputFn }) {
  const value = n.value;
  const checked = n.checked;
  if (attributes.type !== "radio" && attributes.type !== "checkbox" && attributes.type !== "submit" && attributes.type !== "button" && value) {
    attributes.value = maskInputValue({ element: n, type: getInputType(n), tagName, value, maskInputOptions, maskInputFn });
  } else if (checked) {
    attributes.checked = checked;
  }
}
$&`,
  ],
  ['      const addedIds = /* @__PURE__ */ new Set();', '$&\n      let addOptions;'],
  [
    'const sn = serializeNodeWithId(n, {',
    `if (addOptions) addOptions.cssCaptured = cssCaptured;
        const sn = serializeNodeWithId(n, addOptions ??= {`,
  ],
  [
    'let wrappedEmit;',
    `$&
record.internals = {
  genId,
  getter: (owner, name) => Object.getOwnPropertyDescriptor(getUntaintedPrototype(owner), name).get,
  getRootId,
  isNativeShadowDom,
  isShadowRoot,
  readField,
  serializeRareNode,
  shadowRoot,
  transformAttribute
};`,
  ],
];
