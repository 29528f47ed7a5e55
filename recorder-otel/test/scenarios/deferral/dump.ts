/** What a page shows, as text: the same for a page and for its replay. */

export function dump(page: Document): string {
  const lines: string[] = [];
  walk(page.querySelector('#root')!, '');
  return lines.join('\n');

  function walk(node: Node, indent: string): void {
    if (node.nodeType === 3) {
      if (node.nodeValue) lines.push(`${indent}"${node.nodeValue}"`);
      return;
    }
    if (node.nodeType !== 1) return;
    const element = node as HTMLInputElement;
    const { localName, title, className, style, value, checked } = element;
    const parts: unknown[] = [localName, element.id, title, className, style?.cssText];
    if (localName === 'textarea') parts.push(value);
    if (localName === 'input') parts.push(value, checked);
    lines.push(indent + parts.join('|'));
    if (localName === 'style') {
      // A sheet may be rebuilt with its rules or its text changed; what counts is what applies.
      const { sheet } = node as HTMLStyleElement;
      for (const rule of sheet?.cssRules ?? []) lines.push(`${indent} ${rule.cssText}`);
      return;
    }
    if (element.shadowRoot) {
      lines.push(`${indent} #shadow`);
      for (const child of element.shadowRoot.childNodes) walk(child, `${indent}  `);
    }
    const inner = localName === 'iframe' && (node as HTMLIFrameElement).contentDocument?.body;
    // The value of a text area is shown, its text is not.
    if (localName === 'textarea') return;
    for (const child of (inner || element).childNodes) walk(child, `${indent} `);
  }
}
