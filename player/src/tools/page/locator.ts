/**
 * How to find an element again: the way a person would say it (role and name, label) where the
 * recording knows the words, else by what developers gave it, else by where it is.
 */
import { isMasked } from './masked.js';
import { upwards, walk, type PageNode } from './page-tree.js';
import { collapse, isShown, labelOf, nameOf, roleOf, textOf } from './roles.js';

/** One way to say it, in the order of how well it lasts. */
export type Step =
  | { by: 'testid'; value: string }
  | { by: 'role'; role: string; name: string }
  | { by: 'label'; value: string }
  | { by: 'placeholder'; value: string }
  | { by: 'text'; value: string }
  | { by: 'css'; value: string };

/** Steps are looked up one inside of the other; `nth` counts from 0 among what the last finds. */
export interface Locator {
  steps: readonly Step[];
  nth?: number;
}

/** Roles that say which of several alike is meant. */
const SCOPES = new Set([
  ...['dialog', 'alertdialog', 'group', 'region', 'form', 'navigation', 'row', 'radiogroup'],
  ...['article', 'listitem', 'tabpanel', 'toolbar', 'menu', 'complementary'],
]);

export function locatorOf(node: PageNode, root: PageNode): Locator {
  const candidates = stepsOf(node, root);
  for (const step of candidates) {
    const found = matches(step, root, root);
    if (found.length === 1 && found[0] === node) return { steps: [step] };
  }
  for (const step of candidates.slice(0, 2)) {
    const scoped = withinScope(step, node, root);
    if (scoped !== undefined) return scoped;
  }
  const best = candidates.find((step) => step.by !== 'css');
  if (best !== undefined) {
    const nth = matches(best, root, root).indexOf(node);
    if (nth >= 0) return { steps: [best], nth };
  }
  return { steps: [{ by: 'css', value: pathOf(node, root) }] };
}

function withinScope(step: Step, node: PageNode, root: PageNode): Locator | undefined {
  for (const scope of upwards(node.parent)) {
    if (!SCOPES.has(roleOf(scope) ?? '') && !isStableId(scope.attributes['id'])) continue;
    const found = matches(step, scope, root);
    if (found.length !== 1 || found[0] !== node) continue;
    for (const outer of stepsOf(scope, root)) {
      const scopes = matches(outer, root, root);
      if (scopes.length === 1) return { steps: [outer, step] };
    }
  }
  return undefined;
}

function stepsOf(node: PageNode, root: PageNode): Step[] {
  const { tag, attributes } = node;
  const steps: Step[] = [];
  const testId = attributes['data-testid'];
  if (isWord(testId)) steps.push({ by: 'testid', value: testId });
  const role = roleOf(node);
  if (role !== undefined && role !== 'presentation' && role !== 'none') {
    const name = nameOf(node, root);
    if (isWord(name) && name.length <= 80) steps.push({ by: 'role', role, name });
  } else {
    const text = collapse(textOf(node));
    if (isWord(text) && text.length <= 60) steps.push({ by: 'text', value: text });
  }
  if (/^(input|select|textarea)$/.test(tag)) {
    const label = labelOf(node, root);
    if (isWord(label)) steps.push({ by: 'label', value: label });
    const { placeholder, name } = attributes;
    if (isWord(placeholder)) steps.push({ by: 'placeholder', value: placeholder });
    if (isStableId(attributes['id'])) steps.push({ by: 'css', value: `#${attributes['id']}` });
    if (isWord(name)) steps.push({ by: 'css', value: `${tag}[name=${quoted(name)}]` });
  } else if (isStableId(attributes['id'])) {
    steps.push({ by: 'css', value: `#${attributes['id']}` });
  }
  for (const [name, value] of Object.entries(attributes)) {
    if (!/^data-[a-z-]+$/.test(name) || name.startsWith('data-replay-') || !isStable(value))
      continue;
    steps.push({ by: 'css', value: `${tag}[${name}=${quoted(value)}]` });
  }
  return steps;
}

/** Every element that `step` finds in `scope`, in document order. */
export function matches(step: Step, scope: PageNode, root: PageNode): PageNode[] {
  const found: PageNode[] = [];
  for (const node of walk(scope)) {
    if (node.tag === '' || node.tag === '#root') continue;
    if (fits(step, node, root)) found.push(node);
  }
  return found;
}

function fits(step: Step, node: PageNode, root: PageNode): boolean {
  const { attributes } = node;
  switch (step.by) {
    case 'testid':
      return attributes['data-testid'] === step.value;
    case 'role':
      return roleOf(node) === step.role && isShown(node) && nameOf(node, root) === step.name;
    case 'label':
      return (
        /^(input|select|textarea)$/.test(node.tag) &&
        (labelOf(node, root) === step.value || attributes['aria-label'] === step.value)
      );
    case 'placeholder':
      return attributes['placeholder'] === step.value;
    case 'text':
      return says(node, step.value) && !node.children.some((child) => says(child, step.value));
    case 'css':
      return fitsCss(step.value, node);
  }
}

function says(node: PageNode, text: string): boolean {
  return node.tag !== '' && collapse(textOf(node)) === text;
}

/** Only the shapes that are made here. */
function fitsCss(selector: string, { tag, attributes }: PageNode): boolean {
  if (selector.startsWith('#')) return attributes['id'] === selector.slice(1);
  const parts = /^([a-z][\w-]*)\[([\w-]+)="(.*)"\]$/s.exec(selector);
  if (parts === null) return false;
  const value = parts[3]!.replace(/\\(["\\])/g, '$1');
  return tag === parts[1] && attributes[parts[2]!] === value;
}

/** From the nearest element with an id downwards, by position. */
export function pathOf(node: PageNode, root: PageNode): string {
  const parts: string[] = [];
  for (const at of upwards(node)) {
    if (at.tag === '#root' || at === root) break;
    const { id } = at.attributes;
    if (isStableId(id) && matches({ by: 'css', value: `#${id}` }, root, root).length === 1) {
      parts.unshift(`#${id}`);
      break;
    }
    const alike = at.parent?.children.filter((child) => child.tag === at.tag) ?? [];
    const position = alike.length > 1 ? `:nth-of-type(${alike.indexOf(at) + 1})` : '';
    parts.unshift(`${tagSelector(at.tag)}${position}`);
  }
  return parts.join(' > ');
}

/** A recording may name its elements as it likes. */
function tagSelector(tag: string): string {
  return /^[a-z][\w-]*$/.test(tag) ? tag : '*';
}

function isWord(text: string | undefined): text is string {
  return text !== undefined && collapse(text) === text && text !== '' && !isMasked(text);
}

/** Given by a developer and not made up anew for each page. */
function isStableId(id: string | undefined): id is string {
  return id !== undefined && /^[A-Za-z][\w-]*$/.test(id) && isStable(id);
}

function isStable(value: string): boolean {
  return isWord(value) && value.length <= 60 && !/\d{3}|[0-9a-f]{8}/i.test(value);
}

function quoted(value: string): string {
  return `"${value.replace(/["\\]/g, '\\$&')}"`;
}
