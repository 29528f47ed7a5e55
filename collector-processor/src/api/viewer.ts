/**
 * The built-in viewer: the built page of the player, with the headers its README asks for. The page
 * holds no data, so it needs no token.
 */
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { encode } from './answer.js';
import { ApiError } from './problem.js';

const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'Content-Type': 'text/html; charset=utf-8',
  'Cache-Control': 'no-cache',
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    'img-src data: blob:',
    'font-src data: blob:',
    "connect-src 'self'",
    "frame-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Opener-Policy': 'same-origin',
};

const ASSET_TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.map': 'application/json',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

const NOT_BUILT = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Session replay: viewer not built</title>
<style>body{font:16px/1.5 system-ui;margin:15vh auto;max-width:36rem;padding:0 1rem;color-scheme:light dark}</style>
<h1>The viewer is not built</h1>
<p>The processor runs and its API answers under <code>/api/v1</code>, but the page of the viewer is missing. Build it, then load this page again:</p>
<pre>npm run build -w @otel-replay/player</pre>
</html>
`;

export interface Viewer {
  /** Answers a page or an asset. Throws {@link ApiError} 404 for any other path. */
  serve(request: IncomingMessage, response: ServerResponse, pathname: string): Promise<void>;
}

/** @param directory the built page; default: that of `@otel-replay/player`, once it is there */
export function createViewer(directory?: string): Viewer {
  return {
    async serve(request, response, pathname) {
      const root = directory ?? builtPage();
      const asset = /^\/assets\/([\w-][\w.-]*)$/.exec(pathname)?.[1];
      if (asset !== undefined) return sendAsset(request, response, root, asset);
      if (!/^\/(?:$|(?:traces|sessions)(?:\/|$))/.test(pathname)) {
        throw new ApiError(404, `There is no page "${pathname}". The list of sessions is at /.`);
      }
      const page = root === undefined ? undefined : await readIfThere(join(root, 'index.html'));
      for (const [name, value] of Object.entries(PAGE_HEADERS)) response.setHeader(name, value);
      await send(request, response, page === undefined ? 503 : 200, page ?? Buffer.from(NOT_BUILT));
    },
  };
}

/** Asked for on every request, so that a viewer that is built later is found. */
function builtPage(): string | undefined {
  try {
    return dirname(createRequire(import.meta.url).resolve('@otel-replay/player/viewer/index.html'));
  } catch {
    return undefined; // not built; the page says so
  }
}

async function sendAsset(
  request: IncomingMessage,
  response: ServerResponse,
  root: string | undefined,
  name: string,
): Promise<void> {
  const bytes = root === undefined ? undefined : await readIfThere(join(root, 'assets', name));
  if (bytes === undefined) {
    throw new ApiError(
      404,
      `There is no file "${name}". Load the page again: it may be newer than its files.`,
    );
  }
  response.setHeader('Content-Type', ASSET_TYPES[extname(name)] ?? 'application/octet-stream');
  response.setHeader('Cache-Control', 'public, max-age=31536000, immutable');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  await send(request, response, 200, bytes);
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  body: Buffer,
): Promise<void> {
  response.appendHeader('Vary', 'Accept-Encoding');
  const bytes = await encode(request, response, body);
  response.setHeader('Content-Length', bytes.length);
  response.writeHead(status).end(request.method === 'HEAD' ? undefined : bytes);
}

async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EISDIR') return undefined;
    throw error;
  }
}
