/**
 * rrweb without what this package never asks of it: canvases, frames of other origins, pictures as
 * data, fonts, plugins. They hang on options of `record` that are off here, but no bundler can see
 * that; this can, and leaves out what such an option would have done, and then what nothing names
 * any more. What rrweb asks of every node it asks faster ({@link FASTER}), and what it is told many
 * times a second it tells ten times a second ({@link CALMER}). Nothing else is changed.
 * What is published holds the result, and so do the bundles of the tests.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type { Plugin } from 'esbuild';
import ts from 'typescript';
import { CALMER, FASTER, WALK } from './rrweb-changes.js';

/** Options of rrweb that `src/record/recorder.ts` leaves off. */
const OFF: ReadonlySet<string> = new Set([
  'recordCanvas',
  'inlineImages',
  'recordCrossOriginIframes',
  'collectFonts',
  'plugins',
  'hooks',
  'packFn',
]);
/** Objects of names and numbers, of which nobody asks the name of a number. */
const ENUMS = ['EventType', 'IncrementalSource', 'NodeType', 'CanvasContext'];

const ACCESSOR = 'getUntaintedAccessor';

interface Edit {
  start: number;
  end: number;
  text: string;
}

/** @throws Error when rrweb is not built as it was: then this must be looked at again */
export function leanRrweb(source: string): string {
  let text = keepAccessors(replaceFunctions(replaceEnums(dropOptions(replaceTexts(source)))));
  for (;;) {
    const next = dropUnnamed(text);
    if (next === text) break;
    text = next;
  }
  for (const gone of ['recordCanvas &&', 'createImageBitmap', 'handleMessage', 'FontFace(']) {
    if (text.includes(gone)) throw new Error(`@rrweb/record has changed: ${gone} is still in it`);
  }
  return text;
}

const parse = (source: string): ts.SourceFile =>
  ts.createSourceFile('record.js', source, ts.ScriptTarget.Latest, true);

function apply(source: string, edits: readonly Edit[]): string {
  let text = source;
  let limit = Infinity;
  for (const { start, end, text: by } of [...edits].sort((a, b) => b.start - a.start)) {
    // Of one within another, the outer one holds.
    if (end > limit) continue;
    text = text.slice(0, start) + by + text.slice(end);
    limit = start;
  }
  return text;
}

function replaceTexts(source: string): string {
  let text = source;
  for (const [before, after] of [...CALMER, ...WALK]) {
    if (text.split(before).length !== 2) {
      throw new Error(`@rrweb/record has changed: ${before} is not in it once`);
    }
    text = text.replace(before, after);
  }
  return text;
}

/** Statements that only options that are off would run. */
function dropOptions(source: string): string {
  const file = parse(source);
  const edits: Edit[] = [];
  const visit = (node: ts.Node): void => {
    const gone =
      (ts.isIfStatement(node) && isOff(node.expression)) ||
      (ts.isForOfStatement(node) && isOff(node.expression)) ||
      // It wraps each callback in one that asks for a hook.
      (ts.isExpressionStatement(node) && node.expression.getText(file).startsWith('mergeHooks('));
    if (!gone) {
      ts.forEachChild(node, visit);
      return;
    }
    const other = ts.isIfStatement(node) ? node.elseStatement : undefined;
    edits.push({
      start: node.getStart(file),
      end: node.getEnd(),
      text: other?.getText(file) ?? ';',
    });
  };
  visit(file);
  return apply(source, edits);
}

/** An option that is off, alone or among conditions that must all hold; `plugins || []` is none. */
function isOff(condition: ts.Expression): boolean {
  if (ts.isIdentifier(condition)) return OFF.has(condition.text);
  if (ts.isPropertyAccessExpression(condition)) return OFF.has(condition.name.text);
  if (!ts.isBinaryExpression(condition)) return false;
  const { operatorToken, left, right } = condition;
  if (operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken) {
    return isOff(left) || isOff(right);
  }
  return (
    operatorToken.kind === ts.SyntaxKind.BarBarToken && isOff(left) && right.getText() === '[]'
  );
}

function replaceEnums(source: string): string {
  const file = parse(source);
  const edits: Edit[] = [];
  for (const name of ENUMS) {
    const values = new Map<string, string>();
    const pattern = new RegExp(`${name}2\\["(\\w+)"\\] = (\\d+)\\]`, 'g');
    for (const [, key, value] of source.matchAll(pattern)) values.set(key!, value!);
    if (values.size === 0) throw new Error(`@rrweb/record has changed: no ${name}`);
    const visit = (node: ts.Node): void => {
      if (ts.isPropertyAccessExpression(node) && node.expression.getText(file) === name) {
        const value = values.get(node.name.text);
        if (value === undefined) throw new Error(`@rrweb/record has changed: ${node.getText()}`);
        edits.push({ start: node.getStart(file), end: node.getEnd(), text: value });
      } else ts.forEachChild(node, visit);
    };
    visit(file);
  }
  return apply(source, edits);
}

function replaceFunctions(source: string): string {
  const file = parse(source);
  const edits = file.statements.flatMap((statement): Edit[] => {
    if (!ts.isFunctionDeclaration(statement)) return [];
    const text = FASTER[statement.name!.text];
    return text ? [{ start: statement.getStart(file), end: statement.getEnd(), text }] : [];
  });
  if (edits.length !== Object.keys(FASTER).length) {
    throw new Error('@rrweb/record has changed: not all of its functions are there');
  }
  return apply(source, edits);
}

/** Each of the DOM's getters is looked up once, not by two names at every node. */
function keepAccessors(source: string): string {
  const file = parse(source);
  const edits: Edit[] = [];
  const kept = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.expression.getText(file) === ACCESSOR) {
      const [key, instance, accessor] = node.arguments.map((argument) => argument.getText(file));
      const name = `untainted_${JSON.parse(accessor!) as string}`;
      kept.add(name);
      const text = `(${name} ??= ${ACCESSOR}(${key!}, ${accessor!})).call(${instance!})`;
      edits.push({ start: node.getStart(file), end: node.getEnd(), text });
    } else ts.forEachChild(node, visit);
  };
  visit(file);
  return `let ${[...kept].join(', ')};\n${apply(source, edits)}`;
}

/** What bundlers keep because it might do something: methods, and constants with a call in them. */
function dropUnnamed(source: string): string {
  const file = parse(source);
  const named = new Map<string, ts.Node[]>();
  const collect = (node: ts.Node): void => {
    if (ts.isIdentifier(node) || ts.isStringLiteral(node)) {
      const found = named.get(node.text);
      if (found) found.push(node);
      else named.set(node.text, [node]);
    }
    ts.forEachChild(node, collect);
  };
  collect(file);
  /** Nothing outside of the declaration says its name. */
  const isUnnamed = (name: string, declaration: ts.Node): boolean =>
    named.get(name)!.every((node) => node.pos >= declaration.pos && node.end <= declaration.end);
  const edits: Edit[] = [];
  for (const statement of file.statements) {
    for (const gone of unnamedIn(statement, isUnnamed)) {
      edits.push({ start: gone.getFullStart(), end: gone.getEnd(), text: '' });
    }
  }
  return apply(source, edits);
}

function unnamedIn(
  statement: ts.Statement,
  isUnnamed: (name: string, declaration: ts.Node) => boolean,
): ts.Node[] {
  if (ts.isClassDeclaration(statement)) {
    return statement.members.filter(
      (member) =>
        ts.isMethodDeclaration(member) &&
        ts.isIdentifier(member.name) &&
        member.name.text !== 'toString' &&
        isUnnamed(member.name.text, member),
    );
  }
  if (ts.isFunctionDeclaration(statement)) {
    return isUnnamed(statement.name!.text, statement) ? [statement] : [];
  }
  if (!ts.isVariableStatement(statement)) return [];
  const { declarations } = statement.declarationList;
  const isGone = declarations.every(
    ({ name }) => ts.isIdentifier(name) && isUnnamed(name.text, statement),
  );
  return isGone ? [statement] : [];
}

/** Has bundles take it wherever `src/record/rrweb.ts` imports rrweb. */
export const leanRrwebPlugin: Plugin = {
  name: 'lean-rrweb',
  setup(build) {
    const filter = /^@rrweb\/record$/;
    build.onResolve({ filter }, ({ importer }) =>
      /recorder-otel[\\/]src[\\/]record[\\/]rrweb\.ts$/.test(importer)
        ? { path: rrwebPath(), namespace: 'lean-rrweb' }
        : undefined,
    );
    build.onLoad({ filter: /./, namespace: 'lean-rrweb' }, ({ path }) => ({
      contents: leanRrweb(readFileSync(path, 'utf8')),
      resolveDir: dirname(path),
    }));
  },
};

/** The ES module of `@rrweb/record`. */
export function rrwebPath(): string {
  return createRequire(import.meta.url)
    .resolve('@rrweb/record')
    .replace(/\.cjs$/, '.js');
}
