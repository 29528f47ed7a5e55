/**
 * What a page has besides its nodes: values of fields, scroll positions, rules, drawings and so on. Of
 * what replaces what was before only the last is kept; the rest in the order in which it came.
 */
import { AdoptedSheets } from './adopted-sheets.js';
import { Drawings } from './canvas.js';
import { MediaStates } from './media.js';
import type { NodeTree } from './node-tree.js';
import { Pointer } from './pointer.js';
import { idOf, SOURCE, type Fields } from './rrweb.js';
import { documentOf } from './tree-node.js';
import { StyleRules, type SheetKey } from './style-rules.js';

const MAX_FONTS = 1000;

export class Residue {
  readonly #tree: NodeTree;
  readonly #onMiss: () => void;
  readonly #inputs = new Map<number, Fields>();
  readonly #scrolls = new Map<number, Fields>();
  readonly #media = new MediaStates();
  readonly #fonts: Fields[] = [];
  readonly #pointer = new Pointer();
  readonly #rules: StyleRules;
  readonly #adopted: AdoptedSheets;
  readonly #drawings: Drawings;

  constructor(tree: NodeTree, onMiss: () => void) {
    this.#tree = tree;
    this.#onMiss = onMiss;
    this.#rules = new StyleRules(onMiss);
    this.#adopted = new AdoptedSheets(tree, onMiss);
    this.#drawings = new Drawings(onMiss);
  }

  /** Everything but mutations and sizes of the window. */
  apply(data: Fields, time: number): void {
    switch (data['source']) {
      case SOURCE.MOUSE_MOVE:
      case SOURCE.TOUCH_MOVE:
      case SOURCE.DRAG:
        return this.#pointer.moved(data);
      case SOURCE.MOUSE_INTERACTION:
        return this.#pointer.interacted(data);
      case SOURCE.SELECTION:
        return this.#pointer.selected(data);
      case SOURCE.SCROLL:
        return this.#ofNode(data, (id) => last(this.#scrolls, id, data));
      case SOURCE.INPUT:
        return this.#ofNode(data, (id) => last(this.#inputs, id, data));
      case SOURCE.MEDIA:
        return this.#ofNode(data, (id) => this.#media.apply(id, data, time));
      case SOURCE.CANVAS:
        return this.#ofNode(data, (id) => this.#drawings.apply(id, data));
      case SOURCE.STYLE_SHEET_RULE:
      case SOURCE.STYLE_DECLARATION:
        return this.#rule(data);
      case SOURCE.ADOPTED_STYLE_SHEET:
        return this.#adopted.apply(data);
      case SOURCE.FONT:
        if (this.#fonts.length >= MAX_FONTS) this.#onMiss();
        else this.#fonts.push(data);
    }
  }

  /** The node is gone, and what was said of it. */
  forget(id: number): void {
    this.#inputs.delete(id);
    this.#scrolls.delete(id);
    this.#media.forget(id);
    this.#drawings.forget(id);
    this.#adopted.forget(id);
    this.#rules.forget(`element:${id}`);
  }

  /** What is put elsewhere scrolls from its start again; a style is read anew. */
  moved(id: number): void {
    this.#scrolls.delete(id);
    this.forgetRules(id);
  }

  /** The text of a `<style>` is new: its rules are others. */
  forgetRules(styleId: number): void {
    this.#rules.forget(`element:${styleId}`);
  }

  /**
   * Data of the events that make a page that was built from its nodes what it was at `now`; the
   * documents of frames come at `frames`. rrweb applies changes of sheets made by script before it
   * makes these, once a mutation came: so those of the page itself are told before.
   */
  *events(now: number, frames: Iterable<Fields>): Generator<Fields> {
    yield* this.#fonts;
    yield* this.#sheets((documentId) => documentId === this.#tree.root?.id);
    yield* frames;
    yield* this.#sheets((documentId) => documentId !== this.#tree.root?.id);
    yield* this.#drawings.events();
    yield* this.#inputs.values();
    yield* this.#scrolls.values();
    yield* this.#media.events(now);
    yield* this.#pointer.events((id) => this.#tree.get(id) !== undefined);
  }

  *#sheets(isWanted: (documentId: number | undefined) => boolean): Generator<Fields> {
    const documentOfId = (id: unknown): number | undefined => {
      const node = this.#tree.get(id);
      return node && documentOf(node)?.id;
    };
    for (const event of this.#adopted.events()) {
      if (isWanted(documentOfId(event['id']))) yield event;
    }
    for (const key of this.#rules.keys()) {
      const [kind, id] = key.split(':');
      const place = kind === 'element' ? Number(id) : this.#adopted.documentOf(Number(id));
      if (isWanted(documentOfId(place))) yield* this.#rules.of(key);
    }
  }

  #rule(data: Fields): void {
    const styleId = idOf(data['styleId']);
    const id = idOf(data['id']);
    const isKnown =
      styleId !== undefined ? this.#adopted.has(styleId) : this.#tree.get(id) !== undefined;
    if (!isKnown) return this.#onMiss();
    const key: SheetKey = styleId !== undefined ? `sheet:${styleId}` : `element:${id!}`;
    this.#rules.add(key, data);
    const isReplaced = data['replace'] !== undefined || data['replaceSync'] !== undefined;
    if (styleId !== undefined && isReplaced) this.#adopted.replaced(styleId);
  }

  /** rrweb says -1 of what it has not serialized. */
  #ofNode(data: Fields, apply: (id: number) => void): void {
    if (data['id'] === -1) return;
    const node = this.#tree.get(data['id']);
    if (node === undefined) this.#onMiss();
    else apply(node.id);
  }
}

/** Order is that of the last change: of a group of radio buttons the last one counts. */
function last(map: Map<number, Fields>, id: number, data: Fields): void {
  map.delete(id);
  map.set(id, data);
}
