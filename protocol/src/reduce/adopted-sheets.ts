/** Style sheets made by script: which there are, and which documents and shadow roots use them. */
import type { NodeTree } from './node-tree.js';
import { idOf, listOf, SOURCE, type Fields } from './rrweb.js';
import { documentOf } from './tree-node.js';

interface Sheet {
  styleId: number;
  /** As recorded, with the rules it had at first. */
  style: Fields;
  /** Of the document it was made for; it can be used in no other. */
  documentId: number | undefined;
}

const MAX_SHEETS = 20_000;

export class AdoptedSheets {
  readonly #tree: NodeTree;
  readonly #onMiss: () => void;
  readonly #sheets = new Map<number, Sheet>();
  /** By the id of the document or of the host of the shadow root. */
  readonly #uses = new Map<number, number[]>();

  constructor(tree: NodeTree, onMiss: () => void) {
    this.#tree = tree;
    this.#onMiss = onMiss;
  }

  apply(data: Fields): void {
    const node = this.#tree.get(data['id']);
    if (node === undefined) return this.#onMiss();
    const documentId = documentOf(node)?.id;
    for (const style of listOf(data['styles'], this.#onMiss)) {
      const styleId = idOf(style['styleId']);
      if (styleId === undefined || this.#sheets.size >= MAX_SHEETS) this.#onMiss();
      else this.#sheets.set(styleId, { styleId, style, documentId });
    }
    const styleIds = Array.isArray(data['styleIds']) ? (data['styleIds'] as unknown[]) : [];
    this.#uses.set(
      node.id,
      styleIds.map(idOf).filter((id) => id !== undefined),
    );
  }

  /** A sheet that was replaced as a whole has none of its first rules left. */
  replaced(styleId: number): void {
    const sheet = this.#sheets.get(styleId);
    if (sheet !== undefined) sheet.style = { styleId, rules: [] };
  }

  forget(nodeId: number): void {
    this.#uses.delete(nodeId);
  }

  has(styleId: number): boolean {
    return this.#sheets.has(styleId);
  }

  /** The id of the document that the sheet was made for. */
  documentOf(styleId: number): number | undefined {
    return this.#sheets.get(styleId)?.documentId;
  }

  /**
   * Data of AdoptedStyleSheet events: first the documents, each with all sheets made for it, because
   * what nobody uses now may be used again.
   */
  events(): Fields[] {
    const made = new Map<number, Fields[]>();
    for (const { documentId, style } of this.#sheets.values()) {
      if (documentId === undefined || this.#tree.get(documentId) === undefined) continue;
      const others = made.get(documentId);
      if (others === undefined) made.set(documentId, [style]);
      else others.push(style);
    }
    const source = SOURCE.ADOPTED_STYLE_SHEET;
    const events: Fields[] = [...made].map(([id, styles]) => {
      return { source, id, styles, styleIds: this.#uses.get(id) ?? [] };
    });
    for (const [id, styleIds] of this.#uses) {
      if (!made.has(id)) events.push({ source, id, styleIds });
    }
    return events;
  }
}
