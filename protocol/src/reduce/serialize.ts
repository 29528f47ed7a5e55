/** The tree as rrweb serializes it, made anew, so that nobody's changes reach the tree. */
import { playedOn } from './media.js';
import { isElement } from './attributes.js';
import { NODE, SOURCE, type Fields } from './rrweb.js';
import type { TreeNode } from './tree-node.js';

interface Serialized extends Record<string, unknown> {
  childNodes?: Serialized[];
}

/** No honest page is deeper, and readers that call themselves for each level would not end well. */
const MAX_DEPTH = 2000;

export interface SerializedTree {
  root: Fields;
  /** Data of a mutation for each frame with a document, the outer ones first. */
  frames: Fields[];
}

export function serializeTree(root: TreeNode, now: number, onMiss: () => void): SerializedTree {
  const frames: { frame: TreeNode; document: TreeNode }[] = [];
  const onFrame = (frame: TreeNode): void => {
    if (frame.frame !== undefined) frames.push({ frame, document: frame.frame });
  };
  const node = serialize(root, now, onFrame, onMiss);
  const mutations: Fields[] = [];
  // More are found on the way.
  for (let at = 0; at < frames.length; at++) {
    const { frame, document } = frames[at]!;
    const inner = serialize(document, now, onFrame, onMiss);
    mutations.push(attachment(frame.id, inner));
  }
  return { root: node, frames: mutations };
}

function attachment(parentId: number, node: Fields): Fields {
  const adds = [{ parentId, nextId: null, node }];
  const nothing = { removes: [], texts: [], attributes: [] };
  return { source: SOURCE.MUTATION, adds, ...nothing, isAttachIframe: true };
}

function serialize(
  root: TreeNode,
  now: number,
  onFrame: (frame: TreeNode) => void,
  onMiss: () => void,
): Serialized {
  const top = shallow(root, now);
  const open = [{ node: root, made: top, depth: 1 }];
  for (let item = open.pop(); item !== undefined; item = open.pop()) {
    const { node, made, depth } = item;
    onFrame(node);
    for (let child = node.first; child !== undefined; child = child.next) {
      if (depth >= MAX_DEPTH) {
        onMiss();
        break;
      }
      const copy = shallow(child, now);
      (made.childNodes ??= []).push(copy);
      open.push({ node: child, made: copy, depth: depth + 1 });
    }
  }
  return top;
}

function shallow(node: TreeNode, now: number): Serialized {
  const copy: Serialized = { ...node.data };
  const isParent = isElement(node) || node.data['type'] === NODE.DOCUMENT;
  if (isParent || node.first !== undefined) copy.childNodes = [];
  else delete copy.childNodes;
  if (isElement(node)) copy['attributes'] = attributesAt(node, now);
  return copy;
}

/** Of media those that play move on; of others they are as they came. */
function attributesAt(node: TreeNode, now: number): Fields {
  return Object.fromEntries(playedOn(node, now));
}
