/** The address of the replay API as people type it. */

export interface ApiUrl {
  /** What is wrong with it, and what to do; nothing can be asked until it is mended. */
  problem?: string;
  /** Works, but perhaps not as meant. */
  warning?: string;
}

export function readApiUrl(text: string | undefined): ApiUrl {
  const typed = text ?? '';
  if (typed.trim() === '') {
    return { problem: 'Enter the address of the replay API, for example http://processor:8787.' };
  }
  if (typed !== typed.trim() || !URL.canParse(typed)) {
    return {
      problem: `"${typed}" is not an address. It must look like http://processor:8787, without spaces.`,
    };
  }
  const { protocol, username, password, search, hash, pathname, hostname, port } = new URL(typed);
  if (protocol !== 'http:' && protocol !== 'https:') {
    return { problem: `The address must begin with http:// or https://, not with ${protocol}` };
  }
  if (username !== '' || password !== '') {
    return { problem: 'Leave user and password out of the address; enter the token below.' };
  }
  if (search !== '' || hash !== '') {
    return { problem: 'Leave out what follows ? or # in the address.' };
  }
  if (/\/api(\/v1)?\/?$/.test(pathname)) {
    return { problem: 'Leave /api/v1 out of the address; it is added to it.' };
  }
  if (port === '4318' || port === '4317') {
    return { warning: `Port ${port} takes traces. The replay API listens on 8787 by default.` };
  }
  if (/^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)) {
    return {
      warning:
        'Grafana’s server asks this address, not your browser: in a container, localhost is the container itself.',
    };
  }
  return {};
}
