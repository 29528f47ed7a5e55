/** Where the binary is, once `npm run peers` has built it: keyed by the manifest. */
export function collectorBinary(): string;
