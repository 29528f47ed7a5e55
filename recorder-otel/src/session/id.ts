/** Random lower-case hex from the platform's cryptographic source. */
export function randomHex(bytes: number): string {
  let hex = '';
  for (const byte of crypto.getRandomValues(new Uint8Array(bytes))) {
    hex += (byte + 256).toString(16).slice(1);
  }
  return hex;
}
