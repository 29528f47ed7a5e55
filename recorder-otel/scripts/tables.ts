/** The README's tables, read from the types and their comments, so that they cannot fall behind. */
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../', import.meta.url));
const OPTIONS = `${root}recorder-otel/src/options.ts`;
const ATTRIBUTES = `${root}protocol/src/attributes.ts`;

const program = ts.createProgram([OPTIONS, ATTRIBUTES], {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  customConditions: ['otel-replay-source'],
  lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'],
  strict: true,
  skipLibCheck: true,
  types: [],
});
const checker = program.getTypeChecker();

/** `SessionReplayOptions`, then every object of options that it names, each with its own table. */
export function optionTables(): string {
  const tables: string[] = [];
  const seen = new Set<string>();
  const queue: [heading: string | undefined, type: ts.Type][] = [
    [undefined, declaredType(OPTIONS, 'SessionReplayOptions')],
  ];
  for (const [heading, type] of queue) {
    const rows = type.getProperties().map((property) => {
      for (const nested of optionObjects(typeOf(property))) {
        const name = nested.symbol.name;
        if (seen.has(name)) continue;
        seen.add(name);
        queue.push([heading ? `${heading}.${property.name}` : property.name, nested]);
      }
      return [code(property.name), typeText(property), documentation(property)];
    });
    tables.push((heading ? `#### ${code(heading)}\n\n` : '') + table(['Option', 'Type', ''], rows));
  }
  return tables.join('\n\n');
}

/** What a segment says about itself: names from `toAttributes`, the rest from the header's types. */
export function attributeTable(): string {
  const rows: string[][] = [];
  const visit = (node: ts.Node): void => {
    const found = attributeOf(node);
    if (found) rows.push(found);
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(functionOf(ATTRIBUTES, 'toAttributes'), visit);
  if (rows.length < 20) throw new Error('toAttributes is not written as this script reads it');
  return table(['Attribute', 'Type', ''], rows);
}

/** `[ATTR_X]: header.field`, `put(ATTR_X, header.field)` or `event[ATTR_X] = p.field`. */
function attributeOf(node: ts.Node): string[] | undefined {
  let name: ts.Expression | undefined;
  let value: ts.Expression | undefined;
  if (ts.isPropertyAssignment(node) && ts.isComputedPropertyName(node.name)) {
    [name, value] = [node.name.expression, node.initializer];
  } else if (ts.isCallExpression(node) && node.arguments.length === 2) {
    [name, value] = node.arguments;
  } else if (ts.isBinaryExpression(node) && ts.isElementAccessExpression(node.left)) {
    [name, value] = [node.left.argumentExpression, node.right];
  }
  if (!name || !value || !ts.isPropertyAccessExpression(value)) return undefined;
  const attribute = checker.getTypeAtLocation(name);
  const field = checker.getSymbolAtLocation(value.name);
  if (!attribute.isStringLiteral() || !field) return undefined;
  return [code(attribute.value), typeText(field), documentation(field)];
}

function declaredType(file: string, name: string): ts.Type {
  const source = program.getSourceFile(file)!;
  const found = source.statements.find(
    (statement): statement is ts.InterfaceDeclaration =>
      ts.isInterfaceDeclaration(statement) && statement.name.text === name,
  );
  if (!found) throw new Error(`${file} declares no interface ${name}`);
  return checker.getTypeAtLocation(found);
}

function functionOf(file: string, name: string): ts.FunctionDeclaration {
  const found = program
    .getSourceFile(file)!
    .statements.find(
      (statement): statement is ts.FunctionDeclaration =>
        ts.isFunctionDeclaration(statement) && statement.name?.text === name,
    );
  if (!found) throw new Error(`${file} declares no function ${name}`);
  return found;
}

function typeOf(property: ts.Symbol): ts.Type {
  return checker.getTypeOfSymbol(property);
}

/** Interfaces named `…Options` in a property's type. */
function optionObjects(type: ts.Type): ts.Type[] {
  const parts = type.isUnion() ? type.types : [type];
  return parts.filter((part) =>
    /Options$/.test((part.symbol as ts.Symbol | undefined)?.name ?? ''),
  );
}

/** As the declaration writes it; names that only this code knows are resolved. */
function typeText(property: ts.Symbol): string {
  const declaration = property.valueDeclaration as ts.PropertySignature;
  const written = declaration.type!.getText().replace(/\s+/g, ' ');
  const local: Record<string, string> = {
    UrlSanitizer: '(url: string) => string',
    SpanExporterLike: 'any `SpanExporter`',
    SessionProvider: '{ getSessionId() }',
    ResourceLike: '{ attributes }',
    ErrorListener: '(error, where) => void',
    ReplayMode: "'stream' | 'buffer'",
  };
  const known = local[written];
  if (known !== undefined) return known.includes('`') ? known : code(known);
  return code(written.replace(/\b\w+Options\b/g, 'object'));
}

function documentation(property: ts.Symbol): string {
  const text = ts.displayPartsToString(property.getDocumentationComment(checker));
  if (text === '') throw new Error(`${property.name} has no comment`);
  return text.replace(/\s*\n\s*/g, ' ').replace(/\{@link ([\w.]+)\s*\}/g, '`$1`');
}

const code = (text: string): string => `\`${text}\``;

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]): string =>
    `| ${cells.map((cell) => cell.replace(/\|/g, '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
