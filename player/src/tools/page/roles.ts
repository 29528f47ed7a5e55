/** Role and accessible name of an element, as far as its recorded attributes tell. */
import { isMasked } from './masked.js';
import { upwards, walk, type PageNode } from './page-tree.js';

const INPUT_ROLES: Readonly<Record<string, string>> = {
  text: 'textbox',
  email: 'textbox',
  tel: 'textbox',
  url: 'textbox',
  search: 'searchbox',
  number: 'spinbutton',
  range: 'slider',
  checkbox: 'checkbox',
  radio: 'radio',
  submit: 'button',
  button: 'button',
  reset: 'button',
  image: 'button',
};

const TAG_ROLES: Readonly<Record<string, string>> = {
  button: 'button',
  textarea: 'textbox',
  h1: 'heading',
  h2: 'heading',
  h3: 'heading',
  h4: 'heading',
  h5: 'heading',
  h6: 'heading',
  nav: 'navigation',
  main: 'main',
  dialog: 'dialog',
  li: 'listitem',
  tr: 'row',
  td: 'cell',
  th: 'columnheader',
  article: 'article',
  fieldset: 'group',
  option: 'option',
};

/** Roles named by what is in them. */
const NAMED_BY_CONTENT = new Set([
  ...['button', 'link', 'heading', 'checkbox', 'radio', 'switch', 'tab', 'option', 'treeitem'],
  ...['menuitem', 'menuitemcheckbox', 'menuitemradio', 'row', 'cell', 'gridcell', 'columnheader'],
]);

export function roleOf(node: PageNode): string | undefined {
  const { tag, attributes } = node;
  const given = attributes['role']?.trim().split(/\s+/)[0];
  if (given !== undefined && given !== '' && !isMasked(given)) return given;
  if (tag === 'a' || tag === 'area') return 'href' in attributes ? 'link' : undefined;
  if (tag === 'input') {
    const type = (attributes['type'] ?? 'text').toLowerCase();
    // A password field has no role.
    return (
      INPUT_ROLES[type] ?? (/^(password|hidden|file|color|date)/.test(type) ? undefined : 'textbox')
    );
  }
  if (tag === 'select') {
    return 'multiple' in attributes || Number(attributes['size'] ?? 1) > 1 ? 'listbox' : 'combobox';
  }
  // Without a name it is no landmark.
  if (tag === 'section') return named(node) ? 'region' : undefined;
  if (tag === 'form') return named(node) ? 'form' : undefined;
  return TAG_ROLES[tag];
}

function named({ attributes }: PageNode): boolean {
  return 'aria-label' in attributes || 'aria-labelledby' in attributes;
}

/** The accessible name; '' when there is none, or it is not known. */
export function nameOf(node: PageNode, root: PageNode): string {
  return collapse(findName(node, root));
}

function findName(node: PageNode, root: PageNode): string {
  const { tag, attributes } = node;
  const labelledBy = attributes['aria-labelledby'];
  if (labelledBy !== undefined && labelledBy.trim() !== '') {
    const ids = labelledBy.trim().split(/\s+/);
    return ids.map((id) => textOf(byId(root, id))).join(' ');
  }
  const label = attributes['aria-label'];
  if (label !== undefined && label.trim() !== '') return label;
  const type = (attributes['type'] ?? '').toLowerCase();
  if (tag === 'input' && /^(submit|button|reset)$/.test(type)) {
    return attributes['value'] ?? { submit: 'Submit', reset: 'Reset' }[type] ?? '';
  }
  if (tag === 'img' || tag === 'area' || type === 'image') return attributes['alt'] ?? '';
  if (/^(input|select|textarea|meter|progress|output)$/.test(tag)) {
    const own = labelOf(node, root);
    return own !== '' ? own : (attributes['title'] ?? attributes['placeholder'] ?? '');
  }
  if (tag === 'fieldset') return textOf(node.children.find((child) => child.tag === 'legend'));
  if (!NAMED_BY_CONTENT.has(roleOf(node) ?? '')) return attributes['title'] ?? '';
  const text = collapse(textOf(node));
  return text !== '' ? text : (attributes['title'] ?? '');
}

/** What a field's `<label>` says. */
export function labelOf(node: PageNode, root: PageNode): string {
  const { id } = node.attributes;
  const labels: string[] = [];
  if (id !== undefined && id !== '') {
    for (const at of walk(root)) {
      if (at.tag === 'label' && at.attributes['for'] === id) labels.push(textOf(at, node));
    }
  }
  for (const at of upwards(node.parent)) {
    if (at.tag === 'label' && at.attributes['for'] === undefined) labels.push(textOf(at, node));
  }
  return collapse(labels.join(' '));
}

/** Elements around which text breaks. */
const INLINE =
  /^(|a|abbr|b|bdi|bdo|cite|code|em|i|kbd|label|mark|q|s|samp|small|span|strong|sub|sup|time|u|var)$/;

/** All that can be read in `node`, as names are computed: hidden parts left out, alternatives in. */
export function textOf(node: PageNode | undefined, except?: PageNode): string {
  if (node === undefined || node === except) return '';
  if (node.tag === '') return node.text;
  if (/^(style|script|noscript|template|head)$/.test(node.tag) || isHidden(node)) return '';
  if (node.tag === 'img') return node.attributes['alt'] ?? '';
  if (node.tag === 'svg') return node.attributes['aria-label'] ?? '';
  const label = node.attributes['aria-label'];
  if (except === undefined && label !== undefined && node.parent !== undefined && label !== '') {
    // Inside of a name, an element that has a name of its own speaks by that.
    return label;
  }
  const inner = node.children.map((child) => textOf(child, except ?? undefined)).join('');
  return INLINE.test(node.tag) ? inner : ` ${inner} `;
}

/** Says of itself that it is not to be seen; what style sheets hide is not known here. */
export function isHidden({ tag, attributes }: PageNode): boolean {
  return (
    'hidden' in attributes ||
    attributes['aria-hidden'] === 'true' ||
    /display:\s*none|visibility:\s*hidden/.test(attributes['style'] ?? '') ||
    (tag === 'input' && attributes['type'] === 'hidden') ||
    (tag === 'dialog' && !('open' in attributes))
  );
}

/** Neither it nor what it is in is hidden. */
export function isShown(node: PageNode): boolean {
  for (const at of upwards(node)) if (at.tag !== '#root' && isHidden(at)) return false;
  return true;
}

export function byId(root: PageNode, id: string): PageNode | undefined {
  for (const node of walk(root)) if (node.attributes['id'] === id) return node;
  return undefined;
}

export function collapse(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
