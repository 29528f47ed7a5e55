/** Events of one segment on their way to bytes. */
export interface EventEncoder {
  readonly format: string;
  readonly formatVersion: string;
  add(event: unknown): void;
  /** About how many bytes {@link finish} would give now. */
  byteLength(): number;
  /** The bytes to compress. The encoder cannot be used afterwards. */
  finish(): Uint8Array<ArrayBuffer>;
}

/** Plain rrweb: the events as a JSON array. */
export function createJsonEncoder(): EventEncoder {
  const parts: string[] = [];
  let length = 2;
  return {
    format: 'rrweb',
    formatVersion: '2',
    add: (event) => {
      const json = JSON.stringify(event);
      parts.push(json);
      length += json.length + 1;
    },
    byteLength: () => length,
    finish: () => new TextEncoder().encode(`[${parts.join()}]`),
  };
}
