/** Inline styles: text <-> an ordered list of declarations, to which rrweb's differences apply. */
import { fieldsOf } from './rrweb.js';

/** Applies `{ property: false | value | [value, priority] }` to the text of a `style` attribute. */
export function changeStyle(text: string, change: unknown): string {
  const declarations = parseStyle(text);
  for (const [property, value] of Object.entries(fieldsOf(change) ?? {})) {
    if (value === false) declarations.delete(property);
    else if (typeof value === 'string') set(declarations, property, value);
    else if (Array.isArray(value) && typeof value[0] === 'string') {
      const isImportant = value[1] === 'important';
      set(declarations, property, isImportant ? `${value[0]} !important` : value[0]);
    }
  }
  return [...declarations].map(([property, value]) => `${property}: ${value};`).join(' ');
}

/** An empty value takes the property away, as `setProperty` does. */
function set(declarations: Map<string, string>, property: string, value: string): void {
  if (value === '') declarations.delete(property);
  else declarations.set(property, value);
}

/** Later declarations of a property take the place of earlier ones. */
export function parseStyle(text: string): Map<string, string> {
  const declarations = new Map<string, string>();
  for (const declaration of split(text)) {
    const colon = declaration.indexOf(':');
    if (colon <= 0) continue;
    const name = declaration.slice(0, colon).trim();
    const property = name.startsWith('--') ? name : name.toLowerCase();
    const value = declaration.slice(colon + 1).trim();
    if (property !== '' && value !== '') declarations.set(property, value);
  }
  return declarations;
}

/** At semicolons that are in no string and in no brackets. */
function split(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quote = '';
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === '\\') at++;
    else if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if (character === '(' || character === '[' || character === '{') depth++;
    else if (character === ')' || character === ']' || character === '}')
      depth = Math.max(0, depth - 1);
    else if (character === ';' && depth === 0) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(text.slice(from));
  return parts;
}
