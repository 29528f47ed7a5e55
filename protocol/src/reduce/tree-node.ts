/**
 * A serialized node in its place: siblings are linked, so that putting one in or taking one out costs
 * the same in a list of two and of a hundred thousand.
 */
import { NODE, type Fields } from './rrweb.js';

export interface TreeNode {
  readonly id: number;
  /** As serialized; its `childNodes` and `attributes` are those of the beginning. */
  data: Fields;
  /** As they are, once they have changed. */
  changed: Map<string, unknown> | undefined;
  parent: TreeNode | undefined;
  previous: TreeNode | undefined;
  next: TreeNode | undefined;
  first: TreeNode | undefined;
  last: TreeNode | undefined;
  /** The document inside, of a frame. It is no child. */
  frame: TreeNode | undefined;
  /** Unix milliseconds when the node was told of as it is: media play on since then. */
  since: number;
}

/** Whether `node` is `inside` or lies below it. */
export function contains(inside: TreeNode, node: TreeNode): boolean {
  for (let at: TreeNode | undefined = node; at !== undefined; at = at.parent) {
    if (at === inside) return true;
  }
  return false;
}

/** The document in which the node lies. */
export function documentOf(node: TreeNode): TreeNode | undefined {
  let at: TreeNode | undefined = node;
  while (at !== undefined && at.data['type'] !== NODE.DOCUMENT) at = at.parent;
  return at;
}
