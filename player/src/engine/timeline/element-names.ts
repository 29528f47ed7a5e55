/**
 * What an element is called, by rrweb's ids: the control a person sees (`button "Pay now"`) rather
 * than the icon in it. Follows the events of one recording in order, from a checkpoint on; it keeps
 * hold of their nodes, so it lives as long as who reads them.
 */
import type { ReplayEvent } from '@otel-replay/protocol';
import { EVENT_TYPE, INTERACTION, SOURCE } from '../rrweb-events.js';

interface Node {
  id: number;
  type: number;
  tagName?: unknown;
  attributes?: Record<string, unknown>;
  textContent?: unknown;
  childNodes?: readonly Node[];
}

interface Known {
  node: Node;
  parentId: number;
  /** Children that came later. */
  added: number[];
}

const ELEMENT = 2;
const TEXT = 3;
const MAX_TEXT = 40;
const MAX_CLIMB = 6;
/** Below a control, for its text. */
const MAX_LOOKED_AT = 60;
const MAX_CHILDREN = 20;
const MAX_NODES = 200_000;
const CONTROLS = /^(button|a|input|select|textarea|label|summary|option|video|audio)$/;
const ROLES = /^(button|link|tab|menuitem|checkbox|radio|option|switch|combobox)$/;
/** What recorders put for a text that is masked. */
const MASKED = /^[*•█\s\d.,:;/()+-]*$/;

export class ElementNames {
  readonly #known = new Map<number, Known>();
  readonly #withText: boolean;
  /** Of the element that has the focus: what changes there was typed. */
  focusedId: number | undefined;

  /** @param withText false where texts are to be hidden that the recording shows */
  constructor(withText = true) {
    this.#withText = withText;
  }

  follow(event: ReplayEvent): void {
    const data = (event.data ?? {}) as Record<string, unknown>;
    if (event.type === EVENT_TYPE.FULL_SNAPSHOT) {
      this.#known.clear();
      this.#add(data['node'], 0);
    } else if (event.type === EVENT_TYPE.INCREMENTAL && data['source'] === SOURCE.MUTATION) {
      for (const { parentId, node } of list<{ parentId: number; node: Node }>(data['adds'])) {
        this.#add(node, parentId);
        if (isNode(node)) this.#known.get(parentId)?.added.push(node.id);
      }
    } else if (
      event.type === EVENT_TYPE.INCREMENTAL &&
      data['source'] === SOURCE.MOUSE_INTERACTION &&
      data['type'] === INTERACTION.FOCUS
    ) {
      this.focusedId = Number(data['id']);
    }
  }

  /** Undefined when nothing is known of it. */
  nameOf(id: number): string | undefined {
    const own = this.#known.get(id);
    if (own === undefined) return undefined;
    const element = own.node.type === ELEMENT ? own : this.#known.get(own.parentId);
    if (element === undefined) return undefined;
    const control = this.#control(element) ?? element;
    const { node } = control;
    const tag = typeof node.tagName === 'string' ? node.tagName.slice(0, 40) : 'element';
    const said = this.#withText ? this.#textOf(control) : undefined;
    if (said !== undefined) return `${tag} “${said}”`;
    return tag + selectorOf(node);
  }

  #add(value: unknown, parentId: number): void {
    const waiting: [unknown, number][] = [[value, parentId]];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const [node, parent] = next;
      if (!isNode(node) || this.#known.size >= MAX_NODES) continue;
      this.#known.set(node.id, { node, parentId: parent, added: [] });
      for (const child of list<Node>(node.childNodes)) waiting.push([child, node.id]);
    }
  }

  #control(from: Known): Known | undefined {
    let at: Known | undefined = from;
    for (let n = 0; at !== undefined && n < MAX_CLIMB; n++) {
      const role = at.node.attributes?.['role'];
      if (CONTROLS.test(String(at.node.tagName)) || ROLES.test(String(role))) return at;
      at = this.#known.get(at.parentId);
    }
    return undefined;
  }

  #textOf({ node }: Known): string | undefined {
    for (const name of ['aria-label', 'title', 'placeholder', 'alt']) {
      const text = readable(node.attributes?.[name]);
      if (text !== undefined) return text;
    }
    let text = '';
    const waiting: unknown[] = [node];
    for (let n = 0; waiting.length > 0 && n < MAX_LOOKED_AT && text.length <= MAX_TEXT; n++) {
      const next = waiting.shift();
      if (!isNode(next)) continue;
      if (next.type === TEXT && typeof next.textContent === 'string') {
        text += ` ${next.textContent.slice(0, 200).trim()}`;
      }
      const added = this.#known.get(next.id)?.added.slice(0, MAX_CHILDREN) ?? [];
      waiting.unshift(
        ...list<Node>(next.childNodes).slice(0, MAX_CHILDREN),
        ...added.map((id) => this.#known.get(id)?.node),
      );
    }
    return readable(text);
  }
}

function readable(value: unknown): string | undefined {
  if (typeof value !== 'string' || MASKED.test(value.slice(0, 200))) return undefined;
  const text = value.slice(0, 200).replace(/\s+/g, ' ').trim();
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text;
}

/** `#pay`, `[data-testid=pay]` or `.primary`: what a developer finds it by. */
function selectorOf({ attributes = {} }: Node): string {
  const { id, class: names, 'data-testid': testId } = attributes;
  if (typeof id === 'string' && id !== '') return `#${id.slice(0, 60)}`;
  if (typeof testId === 'string' && testId !== '') return `[data-testid=${testId.slice(0, 60)}]`;
  const first = typeof names === 'string' ? names.trim().slice(0, 200).split(/\s+/)[0] : '';
  return first === undefined || first === '' ? '' : `.${first.slice(0, 60)}`;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).id === 'number';
}

function list<T>(value: unknown): readonly T[] {
  return Array.isArray(value)
    ? (value as T[]).filter((item) => item !== null && item !== undefined)
    : [];
}
