/**
 * Masked wins on doubt: what is held is read later than it was written, and in between another task
 * may have moved it to where it may be seen, or have changed an attribute that says so. What was
 * written before that stays masked, as it was when it was written.
 */
import { MASKED } from '../shared.js';
import type { PrivacyPolicy, Visibility } from './privacy.js';

export interface Doubt {
  /** Changes made by one task. */
  note(records: readonly MutationRecord[]): void;
  /** Before any of it is read: fields that were secret stay secret. */
  prepare(): void;
  /** Whether the node was written before it became as visible as it is. */
  about(node: Node): boolean;
}

/** Attributes that tell what is entered into a field. */
const TELLING = /^(type|name|id|autocomplete|placeholder|aria-label)$/;

export function createDoubt(policy: PrivacyPolicy): Doubt {
  const tasks: (readonly MutationRecord[])[] = [];
  /** The first task that wrote a node. */
  const written = new Map<Node, number>();
  /** Where nodes were that hang nowhere now. */
  const taken = new Map<Node, Node>();
  /** The last task that may have made a node more visible. */
  const exposed = new Map<Node, number>();

  /** How visible a place is, or was when it was last part of the page. */
  function seen(place: Node, steps = 0): Visibility {
    const above = policy.parentOf(place) ?? taken.get(place);
    if (!above) return policy.of(place);
    // Nodes that were put into each other, one after the other.
    return steps > 999 ? MASKED : policy.below(seen(above, steps + 1), place);
  }

  function look(records: readonly MutationRecord[], task: number): void {
    for (const { type, target, attributeName, addedNodes, removedNodes } of records) {
      if (type === 'attributes' && policy.dependsOn(attributeName!)) exposed.set(target, task);
      for (const node of type === 'childList' ? addedNodes : [target]) {
        if (!written.has(node)) written.set(node, task);
      }
      // It was taken from where less is seen than where it is now.
      for (const node of removedNodes) {
        if (exposed.has(target) || seen(target) < policy.of(node)) exposed.set(node, task);
      }
    }
  }

  return {
    note: (records) => void tasks.push(records),
    prepare: () => {
      for (const { target, attributeName, oldValue } of tasks.flat()) {
        if (oldValue && TELLING.test(attributeName ?? '')) {
          policy.wasSecret(target as Element, oldValue);
        }
      }
    },
    about: (node) => {
      // Within one task nobody saw what was before.
      if (tasks.length < 2) return false;
      if (written.size === 0) {
        for (const { target, removedNodes } of tasks.flat()) {
          for (const removed of removedNodes) taken.set(removed, target);
        }
        tasks.forEach(look);
      }
      if (exposed.size === 0) return false;
      let first = Infinity;
      let last = -1;
      for (let at: Node | null = node; at; at = policy.parentOf(at)) {
        first = Math.min(first, written.get(at) ?? first);
        last = Math.max(last, exposed.get(at) ?? last);
      }
      return last > first;
    },
  };
}
