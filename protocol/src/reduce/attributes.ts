/** Attributes of a node: those it came with, until one changes. */
import { fieldsOf, NODE } from './rrweb.js';
import type { TreeNode } from './tree-node.js';

export function isElement(node: TreeNode): boolean {
  return node.data['type'] === NODE.ELEMENT;
}

export function attributeOf(node: TreeNode, name: string): unknown {
  if (node.changed !== undefined) return node.changed.get(name);
  const own = fieldsOf(node.data['attributes']);
  return own !== undefined && Object.hasOwn(own, name) ? own[name] : undefined;
}

/** In order; own ones only, `__proto__` among them. */
export function attributesOf(node: TreeNode): Map<string, unknown> {
  return node.changed ?? new Map(Object.entries(fieldsOf(node.data['attributes']) ?? {}));
}

export function setAttribute(node: TreeNode, name: string, value: unknown): void {
  (node.changed ??= attributesOf(node)).set(name, value);
}

export function deleteAttribute(node: TreeNode, name: string): void {
  (node.changed ??= attributesOf(node)).delete(name);
}
