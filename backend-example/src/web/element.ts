/** Small helpers to find and make elements. */
type Child = Node | string;

/** An element with attributes and children; strings become text, never markup. */
export function element(
  tag: string,
  attributes: Readonly<Record<string, string>>,
  ...children: Child[]
): HTMLElement {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export function all(selector: string, root: ParentNode = document): HTMLElement[] {
  return [...root.querySelectorAll<HTMLElement>(selector)];
}

export function setText(selector: string, text: string, root: ParentNode = document): void {
  for (const found of all(selector, root)) found.textContent = text;
}
