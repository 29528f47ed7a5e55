/** The status page: one HTML document without scripts, links or anything loaded. */
import type { Json, JsonObject, Status } from './status.js';

export function statusPage(status: Status): string {
  const { components, config, sections, service, totals } = status;
  const { health } = service;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>replayz: ${escape(health)}</title>
<style>${STYLE}</style>
</head>
<body>
<header><h1>Session replay processor <small>${escape(service.version)}</small></h1>${badge(health)}</header>
<main>
${card('service', object(service))}
${card('components', componentTable(components), 'wide')}
${Object.entries(sections)
  .map(([name, value]) => card(name, any(value), hasTable(value) ? 'wide' : ''))
  .join('\n')}
${card('totals', object(totals), 'wide columns')}
${card('config', `<pre>${escape(config)}</pre>`, 'wide')}
</main>
</body>
</html>
`;
}

export function escape(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

function card(name: string, body: string, kind = ''): string {
  return `<section class="${kind}"><h2>${escape(name)}</h2>${body}</section>`;
}

function componentTable(components: Status['components']): string {
  const rows = Object.entries(components).map(
    ([name, { error = '', status, status_time: since }]) =>
      `<tr><th>${escape(name)}</th><td>${badge(status)}</td><td>${escape(since)}</td><td>${escape(error)}</td></tr>`,
  );
  return `<table>${rows.join('')}</table>`;
}

function any(value: Json | undefined): string {
  if (isTable(value)) return table(value);
  if (Array.isArray(value)) return value.length === 0 ? '<p>none</p>' : escape(value.join(', '));
  if (typeof value === 'object' && value !== null) return object(value as JsonObject);
  return scalar('', value);
}

function object(values: JsonObject): string {
  const rows = Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => {
      const cell = typeof value === 'object' ? any(value) : scalar(key, value);
      return `<tr><th>${escape(key)}</th><td>${cell}</td></tr>`;
    });
  return `<table>${rows.join('')}</table>`;
}

function table(rows: readonly JsonObject[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const head = columns.map((key) => `<th>${escape(key)}</th>`).join('');
  const body = rows.map(
    (row) => `<tr>${columns.map((key) => `<td>${scalar(key, row[key])}</td>`).join('')}</tr>`,
  );
  return `<table><tr>${head}</tr>${body.join('')}</table>`;
}

function hasTable(value: Json | undefined): boolean {
  if (isTable(value)) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(isTable);
}

function isTable(value: Json | undefined): value is readonly JsonObject[] {
  return Array.isArray(value) && typeof value[0] === 'object' && value[0] !== null;
}

/** Bytes and times as people read them; the JSON has the plain ones. */
function scalar(key: string, value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'object') return escape(JSON.stringify(value));
  if (typeof value !== 'number') return escape(String(value));
  if (/(_bytes|_rss)\b/.test(key)) return escape(bytes(value));
  if (/(^|_)seconds\b/.test(key) && value >= 60) return escape(duration(value));
  return value.toLocaleString('en', { maximumFractionDigits: 3 });
}

function bytes(value: number): string {
  for (const [unit, size] of [
    ['GiB', 2 ** 30],
    ['MiB', 2 ** 20],
    ['KiB', 2 ** 10],
  ] as const) {
    if (value >= size) return `${(value / size).toFixed(1)} ${unit}`;
  }
  return `${value} B`;
}

function duration(seconds: number): string {
  const [days, hours] = [Math.floor(seconds / 86_400), Math.floor((seconds % 86_400) / 3600)];
  const minutes = Math.floor((seconds % 3600) / 60);
  return `${days > 0 ? `${days}d ` : ''}${days > 0 || hours > 0 ? `${hours}h ` : ''}${minutes}m ${Math.floor(seconds % 60)}s`;
}

function badge(status: string): string {
  const kind = /OK$/.test(status)
    ? 'ok'
    : /Recoverable|Starting|Stopping|Stopped/.test(status)
      ? 'warn'
      : 'bad';
  return `<span class="badge ${kind}">${escape(status.replace(/^Status/, ''))}</span>`;
}

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --ok: #1a7f37; --warn: #9a6700; --bad: #cf222e; }
body { font: 14px/1.4 system-ui, sans-serif; margin: 0 auto; max-width: 1200px; padding: 16px; }
header { display: flex; align-items: center; gap: 16px; }
h1 { font-size: 20px; } h1 small { font-weight: 400; opacity: .7; }
h2 { font-size: 14px; margin: 0 0 6px; }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(340px, 1fr)); gap: 12px; }
section { border: 1px solid var(--line); border-radius: 6px; padding: 10px; overflow-x: auto; }
.wide { grid-column: 1 / -1; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 2px 8px 2px 0; vertical-align: top; border-top: 1px solid var(--line); overflow-wrap: break-word; }
tr:first-child > * { border-top: 0; }
th { font-weight: 500; opacity: .8; }
td { font-variant-numeric: tabular-nums; }
.columns table, .columns tbody { display: block; }
.columns tbody { columns: 2 440px; }
.columns tr { display: flex; justify-content: space-between; break-inside: avoid; }
.columns td { white-space: nowrap; }
pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; font-size: 12px; }
.badge { color: #fff; border-radius: 10px; padding: 1px 10px; font-size: 12px; }
.ok { background: var(--ok); } .warn { background: var(--warn); } .bad { background: var(--bad); }
`;
