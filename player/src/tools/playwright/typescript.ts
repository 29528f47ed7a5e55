/** Text of a recording as TypeScript: it may be anyone's, and must stay text. */

/** A string literal that means exactly `text`. */
export function literal(text: string): string {
  const escaped = text.replace(/[\\'\p{Cc}\u2028\u2029\p{Cs}]/gu, (char) => {
    if (char === '\\' || char === "'") return `\\${char}`;
    if (char === '\n') return '\\n';
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return `'${escaped}'`;
}

/** A regular expression literal; `source` has its slashes escaped. */
export function pattern(source: string): string {
  // What a regular expression literal may not hold is never part of a path.
  return `/${source.replace(/[\p{Cc}\u2028\u2029]/gu, '')}/`;
}

/** One line of a comment. */
export function comment(text: string): string {
  const line = text
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replaceAll('*/', '* /')
    .trim();
  return `// ${line.length > 160 ? `${line.slice(0, 159)}…` : line}`;
}
