/**
 * The CSS of a `<style>`: rrweb keeps what the browser sees of it in the attribute `_cssText` and its
 * text nodes empty. As soon as one of these changes, the text counts again.
 */
import { attributeOf, deleteAttribute } from './attributes.js';
import { NODE, tagOf } from './rrweb.js';
import type { TreeNode } from './tree-node.js';

const CSS = '_cssText';
/** Between the texts of several text nodes. */
const SPLIT = '/* rr_split */';

export function isStyle(node: TreeNode | undefined): node is TreeNode {
  return node !== undefined && tagOf(node.data) === 'style';
}

export function textsOf(node: TreeNode): TreeNode[] {
  const texts: TreeNode[] = [];
  for (let child = node.first; child !== undefined; child = child.next) {
    if (child.data['type'] === NODE.TEXT) texts.push(child);
  }
  return texts;
}

/**
 * Moves the attribute's text to the text nodes. Without any it goes to `added`, the first one that
 * comes: rrweb made one without an id, which gives way to it.
 */
export function spreadCss(style: TreeNode, added?: TreeNode): void {
  const css = attributeOf(style, CSS);
  if (typeof css !== 'string') return;
  deleteAttribute(style, CSS);
  const texts = textsOf(style);
  if (texts.length === 0) {
    if (added !== undefined) setCss(added, css.replaceAll(SPLIT, ''));
    return;
  }
  const parts = css.split(SPLIT);
  if (parts.length > texts.length) parts.push(parts.splice(texts.length - 1).join(''));
  texts.forEach((text, i) => setCss(text, parts[i] ?? text.data['textContent']));
}

/** `isStyle` has rrweb adapt it, as it does with what was in the attribute, and with changes. */
export function setCss(text: TreeNode, content: unknown): void {
  text.data = { ...text.data, textContent: content, isStyle: true };
}
