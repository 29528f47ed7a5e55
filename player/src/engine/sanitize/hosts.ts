/** Hosts of recorded pages that the viewer allows to be asked for images, fonts and style sheets. */

const PATTERN =
  /^(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*(:\d{1,5})?$/;

/**
 * `cdn.example.com`, `cdn.example.com:8443` or `*.example.com` (every host below it, not itself).
 * Without a port only the default ones of http and https are meant.
 */
export type HostPattern = string;

/**
 * The patterns in lower case, each once. Throws TypeError that names the one it does not understand.
 */
export function parseHosts(patterns: readonly HostPattern[]): readonly HostPattern[] {
  const hosts = new Set<string>();
  for (const pattern of patterns) {
    const host = typeof pattern === 'string' ? pattern.trim().toLowerCase() : '';
    if (!PATTERN.test(host)) {
      throw new TypeError(
        `allowHosts: ${JSON.stringify(pattern)} is no host. Write cdn.example.com, cdn.example.com:8443 or *.example.com, without scheme and path.`,
      );
    }
    hosts.add(host);
  }
  return [...hosts];
}

/** @param host as `URL.host` gives it: lower case, with the port unless it is the default one */
export function isAllowedHost(hosts: readonly HostPattern[], host: string): boolean {
  return hosts.some((pattern) =>
    pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : host === pattern,
  );
}

/** The same hosts as sources of a content security policy. */
export function hostSources(hosts: readonly HostPattern[]): string {
  return hosts.map((host) => ` https://${host} http://${host}`).join('');
}
