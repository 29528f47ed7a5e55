/**
 * What was done to style sheets since their text was recorded, one list for each sheet: by the id of
 * its element, or, where it was made by script, by its own.
 */
import { fieldsOf, type Fields } from './rrweb.js';

export type SheetKey = `element:${number}` | `sheet:${number}`;

/** Of all sheets together: a page that changes rules for ever must not grow for ever. */
const MAX_CHANGES = 200_000;

export class StyleRules {
  readonly #changes = new Map<SheetKey, SheetChanges>();
  readonly #onMiss: () => void;
  #count = 0;

  constructor(onMiss: () => void) {
    this.#onMiss = onMiss;
  }

  /** @param data of a StyleSheetRule or StyleDeclaration event */
  add(key: SheetKey, data: Fields): void {
    // The sheet begins anew.
    if (typeof data['replace'] === 'string' || typeof data['replaceSync'] === 'string') {
      this.forget(key);
    }
    if (this.#count >= MAX_CHANGES) return this.#onMiss();
    let changes = this.#changes.get(key);
    if (changes === undefined) this.#changes.set(key, (changes = new SheetChanges()));
    this.#count += changes.add(data);
  }

  forget(key: SheetKey): void {
    this.#count -= this.#changes.get(key)?.size ?? 0;
    this.#changes.delete(key);
  }

  of(key: SheetKey): Iterable<Fields> {
    return this.#changes.get(key)?.all() ?? [];
  }

  keys(): Iterable<SheetKey> {
    return this.#changes.keys();
  }
}

/** A declaration that is set again and again, as animations do, counts once. */
class SheetChanges {
  readonly #all = new Set<Fields>();
  /** Declarations since rules last came or went, which moves their places. */
  readonly #declared = new Map<string, Fields>();

  get size(): number {
    return this.#all.size;
  }

  all(): Iterable<Fields> {
    return this.#all;
  }

  /** By how many there are more. */
  add(data: Fields): number {
    const before = this.#all.size;
    const declaration = declarationOf(data);
    if (declaration === undefined) this.#declared.clear();
    else {
      const earlier = this.#declared.get(declaration);
      if (earlier !== undefined) this.#all.delete(earlier);
      this.#declared.set(declaration, data);
    }
    this.#all.add(data);
    return this.#all.size - before;
  }
}

/** Where, of which property; undefined for changes of rules. */
function declarationOf(data: Fields): string | undefined {
  const property = fieldsOf(data['set'])?.['property'] ?? fieldsOf(data['remove'])?.['property'];
  const isRule = data['adds'] !== undefined || data['removes'] !== undefined;
  const isBoth = data['set'] !== undefined && data['remove'] !== undefined;
  if (typeof property !== 'string' || isRule || isBoth) return undefined;
  return `${JSON.stringify(data['index'])} ${property}`;
}
