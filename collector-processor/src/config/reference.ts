/** The reference page and the metrics table, written from what the code declares. */
import { EMBEDDED_CONFIG } from './embedded.js';
import { configJsonSchema, type JsonSchema } from './json-schema.js';
import { METRICS } from '../telemetry/metric-table.js';

/** Markdown of `docs/configuration.md`. */
export function configurationReference(): string {
  const schema = configJsonSchema();
  const sections = Object.entries(schema.properties ?? {}).map(([name, part]) =>
    [`## ${name}`, part.description ?? '', ...componentsOf(name, part)].join('\n\n'),
  );
  return `${INTRODUCTION}\n\n${sections.join('\n\n')}\n\n${EMBEDDED}\n`;
}

/** Markdown table of all metrics. */
export function metricsTable(): string {
  const rows = Object.entries(METRICS).map(([name, { type, unit, attributes, description }]) =>
    row(
      `\`${name}\``,
      type,
      `\`${unit}\``,
      attributes.map((a) => `\`${a}\``).join(', '),
      description,
    ),
  );
  return [row('metric', 'type', 'unit', 'attributes', 'what it counts'), divider(5), ...rows].join(
    '\n',
  );
}

function componentsOf(section: string, schema: JsonSchema): string[] {
  if (section === 'receivers') return componentOf('otlp', anyEntry(schema));
  return Object.entries(schema.properties ?? {}).flatMap(([name, part]) => {
    if (part.properties !== undefined) return componentOf(name, part);
    if (typeof part.additionalProperties === 'object') return componentOf(name, part);
    return [`### ${name}`, table([leafRow(name, part)])];
  });
}

function componentOf(name: string, schema: JsonSchema): string[] {
  const leaves = rowsOf(schema, '');
  const body = leaves.length === 0 ? 'It has no keys.' : table(leaves);
  return [`### ${name}`, schema.description ?? '', body, ...variantsOf(schema)].filter(
    (part) => part !== '',
  );
}

function anyEntry(schema: JsonSchema): JsonSchema {
  return typeof schema.additionalProperties === 'object' ? schema.additionalProperties : {};
}

/** One row per key that holds a value. */
function rowsOf(schema: JsonSchema, prefix: string): string[] {
  const known = Object.entries(schema.properties ?? {});
  if (
    known.length === 0 &&
    schema.type === 'object' &&
    typeof schema.additionalProperties === 'object'
  ) {
    const inner = schema.additionalProperties;
    return inner.properties === undefined
      ? [leafRow(prefix, schema)]
      : rowsOf(inner, `${prefix}<name>.`);
  }
  return known.flatMap(([key, part]) => {
    const path = `${prefix}${key}`;
    const listed = part.items?.properties === undefined ? undefined : part.items;
    if (listed !== undefined) return [leafRow(path, part), ...rowsOf(listed, `${path}[].`)];
    if (part.properties !== undefined) return rowsOf(part, `${path}.`);
    const required = schema.required?.includes(key) === true;
    return [leafRow(path, part, required)];
  });
}

function leafRow(path: string, schema: JsonSchema, required = false): string {
  const value = required
    ? '**required**'
    : schema.default === undefined
      ? ''
      : `\`${JSON.stringify(schema.default)}\``;
  return row(`\`${path}\``, typeOf(schema), value, schema.description ?? '');
}

/** The kinds of a list whose entries differ by their `type`: policies. */
function variantsOf(schema: JsonSchema): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, part]) =>
    (part.items?.oneOf ?? []).flatMap((variant) => {
      const type = String(variant.properties?.['type']?.const);
      return [
        `#### ${key}: ${type}`,
        `${variant.description ?? ''} \`type: ${type}\``,
        table(rowsOf(variant, '').filter((line) => !line.startsWith('| `type`'))),
      ];
    }),
  );
}

function typeOf(schema: JsonSchema): string {
  if (typeof schema.const === 'string') return `\`${schema.const}\``;
  if (schema.enum !== undefined)
    return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (schema.items !== undefined) return `list of ${typeOf(schema.items)}`;
  if (schema.title !== undefined) return schema.title;
  if (schema.oneOf !== undefined) return 'mapping';
  const range = [
    ...(schema.minimum === undefined ? [] : [`≥ ${schema.minimum}`]),
    ...(schema.maximum === undefined || schema.maximum > 1e12 ? [] : [`≤ ${schema.maximum}`]),
  ].join(', ');
  const name = { string: 'text', object: 'mapping', integer: 'whole number' }[schema.type ?? ''];
  return [name ?? schema.type ?? 'any', range].filter((part) => part !== '').join(' ');
}

const table = (rows: readonly string[]): string =>
  [row('key', 'type', 'default', 'meaning'), divider(4), ...rows].join('\n');

const divider = (columns: number): string => row(...Array.from({ length: columns }, () => '---'));

const row = (...cells: string[]): string =>
  `| ${cells.map((c) => c.replaceAll('|', '\\|')).join(' | ')} |`;

const INTRODUCTION = `<!-- Written by \`npm run docs -w @otel-replay/collector-processor\` from the schema; edit that. -->

# Configuration

The processor reads YAML in the shape of the OpenTelemetry Collector's; keys that the Collector has
mean what they mean there. Without a file it runs on the [embedded default](#the-embedded-default).

\`\`\`sh
session-replay-processor validate --config config.yaml      # says everything that is wrong, with line and fix
session-replay-processor print-config --config config.yaml  # what will run: with all defaults, secrets redacted
session-replay-processor --config config.yaml               # runs
\`\`\`

- **Several \`--config\`** are merged in order: mappings are merged, lists are replaced.
- **Environment**: \`\${env:NAME}\`, \`\${env:NAME:-default}\`; \`$$\` is a dollar sign. A variable that is not set and has no default is an error.
- **Durations** have a unit: \`300ms\`, \`30s\`, \`1h30m\`. **Sizes** are bytes or have one: \`512KiB\`, \`8MiB\`.
- **Unknown keys** are errors. [config.schema.json](../collector-processor/config.schema.json) lets editors complete and check them.
- \`localhost\` means this machine only. To be reached from elsewhere, listen on \`0.0.0.0\`; the replay API then needs a token.`;

const EMBEDDED = `## The embedded default

\`\`\`yaml
${EMBEDDED_CONFIG}\`\`\``;
