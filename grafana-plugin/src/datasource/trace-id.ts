/** Trace backends leave the zeros away with which an id begins; the replay API wants all 32 digits. */
export function padTraceId(id: string): string {
  const lower = id.trim().toLowerCase();
  return /^[0-9a-f]{1,32}$/.test(lower) ? lower.padStart(32, '0') : lower;
}
