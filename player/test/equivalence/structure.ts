/**
 * Which nodes there are and where, by the ids that rrweb gave them: of the live page, of what rrweb
 * replays, and of what the reducer tells. Functions named `…InPage` run in the browser.
 */
import type { ReplayEvent } from '@otel-replay/protocol';

export interface Mirror {
  getId(node: Node): number;
}

/** The texts inside follow from other things: of styles from their rules, of text areas from values. */
const OPAQUE = /^(style|textarea)$/;

/** @param isReplay what rrweb adds of its own, without an id, is left out */
export function structureInPage(top: Document, mirror: Mirror, isReplay: boolean): string[] {
  const lines: string[] = [];
  const visit = (node: Node, depth: number): void => {
    const line = (text: string): void => void lines.push(' '.repeat(depth) + text);
    const id = mirror.getId(node);
    if (isReplay && id < 0) return;
    if (node.nodeType === 3) return line(`${id} ${JSON.stringify(node.textContent)}`);
    line(`${id} ${node.nodeName.toLowerCase()}`);
    if (/^(style|textarea)$/i.test(node.nodeName)) return;
    const { shadowRoot, contentDocument } = node as HTMLIFrameElement;
    if (shadowRoot?.hasChildNodes()) {
      line('#shadow');
      for (const child of shadowRoot.childNodes) visit(child, depth + 1);
      line('#light');
    }
    for (const child of node.childNodes) visit(child, depth + 1);
    if (contentDocument && mirror.getId(contentDocument) > 0) visit(contentDocument, depth + 1);
  };
  visit(top, 0);
  return lines;
}

interface Serialized {
  type: number;
  id: number;
  name?: string;
  tagName?: string;
  textContent?: string;
  isShadow?: boolean;
  childNodes?: Serialized[];
}

/** @param snapshot what the reducer tells: a checkpoint, and the documents of frames */
export function structureOf(snapshot: readonly ReplayEvent[]): string[] {
  const frames = new Map<number, Serialized>();
  for (const { data } of snapshot) {
    const { adds } = data as { adds?: { parentId: number; node?: Serialized }[] };
    for (const { parentId, node } of Array.isArray(adds) ? adds : []) {
      if (node?.type === 0) frames.set(parentId, node);
    }
  }
  const lines: string[] = [];
  const visit = (node: Serialized, depth: number): void => {
    const line = (text: string): void => void lines.push(' '.repeat(depth) + text);
    if (node.type === 3) return line(`${node.id} ${JSON.stringify(node.textContent)}`);
    const name = node.type === 0 ? '#document' : (node.tagName ?? node.name ?? '#comment');
    line(`${node.id} ${name}`);
    if (OPAQUE.test(name)) return;
    const children = node.childNodes ?? [];
    const shadow = children.filter(({ isShadow }) => isShadow === true);
    if (shadow.length > 0) {
      line('#shadow');
      for (const child of shadow) visit(child, depth + 1);
      line('#light');
    }
    for (const child of children) if (child.isShadow !== true) visit(child, depth + 1);
    const document = frames.get(node.id);
    if (document !== undefined) visit(document, depth + 1);
  };
  visit((snapshot[1]!.data as { node: Serialized }).node, 0);
  return lines;
}
