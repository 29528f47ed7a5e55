/** Builds the page that a session is put into, with all it needs inside, beside the viewer. */
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'vite';

const VIRTUAL = 'virtual:one-file';
const ROOT = fileURLToPath(new URL('src/viewer', import.meta.url));

/** `virtual:one-file` exports `ONE_FILE_URL`, the address of the page in the built viewer. */
export function oneFile(): Plugin {
  return {
    name: 'one-file',
    apply: 'build',
    resolveId: (id) => (id === VIRTUAL ? `\0${VIRTUAL}` : undefined),
    async load(id) {
      if (id !== `\0${VIRTUAL}`) return undefined;
      const source = await page();
      const fileName = `assets/one-file-${hashOf(source).slice(0, 8).replace(/\W/g, '0')}.html`;
      this.emitFile({ type: 'asset', fileName, source });
      // Under a name that hosts other than the viewer can know.
      this.emitFile({ type: 'asset', fileName: 'one-file.html', source });
      return `export const ONE_FILE_URL = ${JSON.stringify(`/${fileName}`)};`;
    },
  };
}

async function page(): Promise<string> {
  const result = await build({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    base: './',
    // As it is shipped, also where tests build it.
    define: { 'process.env.NODE_ENV': '"production"' },
    oxc: { jsx: { runtime: 'automatic', development: false } },
    resolve: { conditions: ['otel-replay-source', 'module', 'browser', 'production'] },
    plugins: [
      {
        name: 'no-downloads',
        resolveId: (id) => (id === VIRTUAL ? id : undefined),
        load: (id) => (id === VIRTUAL ? 'export const ONE_FILE_URL = undefined;' : undefined),
      },
    ],
    build: {
      write: false,
      modulePreload: false,
      cssCodeSplit: false,
      assetsInlineLimit: Number.MAX_SAFE_INTEGER,
      rolldownOptions: { input: `${ROOT}/standalone.html`, output: { codeSplitting: false } },
    },
  });
  const outputs = (Array.isArray(result) ? result : [result]).flatMap((one) =>
    'output' in one ? one.output : [],
  );
  const text = (name: RegExp): string =>
    outputs
      .filter(({ fileName }) => name.test(fileName))
      .map((file) => (file.type === 'chunk' ? file.code : String(file.source)))
      .join('\n');
  if (outputs.filter(({ type }) => type === 'chunk').length !== 1) {
    throw new Error('the page for one file must be one script');
  }
  return inlined(text(/\.html$/), text(/\.js$/), text(/\.css$/));
}

function inlined(html: string, code: string, css: string): string {
  // Neither may end its element; both mean the same to JavaScript.
  const script = `\n${code.replace(/<\/(script)/gi, '<\\/$1').replaceAll('<!--', '<\\!--')}`;
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${hashOf(script)}'`,
    "style-src 'unsafe-inline'",
    'img-src data: blob:',
    'font-src data: blob:',
    'media-src data: blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const meta = `<meta http-equiv="Content-Security-Policy" content="${policy}" />`;
  const body = html
    .replace(/\s*<script[^>]*src=[^>]*><\/script>/, '')
    .replace(/\s*<link[^>]*rel="(?:stylesheet|modulepreload)"[^>]*>/g, '');
  return body
    .replace('<meta charset="utf-8" />', () => `<meta charset="utf-8" />\n    ${meta}`)
    .replace('</head>', () => `<style>${css.replaceAll('</', '<\\/')}</style>\n  </head>`)
    .replace('</body>', () => `<script type="module">${script}</script>\n  </body>`);
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
