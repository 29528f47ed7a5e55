/** Reads the workspaces' manifests and what each source file imports, for scripts that check them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import ts from 'typescript';

const SOURCE = /\.(?:[cm]?[jt]s|[jt]sx)$/;
const SKIPPED = new Set(['node_modules', 'dist', 'coverage', 'public']);

/**
 * @typedef {{ specifier: string, line: number }} Import
 * @typedef {{ path: string, workspace: string, test: boolean, imports: Import[] }} Source
 * @typedef {{ folder: string, name: string, manifest: Record<string, any> }} Workspace
 * @typedef {{ root: string, files: Map<string, Source>, workspaces: Map<string, Workspace> }} House
 */

/**
 * @param {string} root folder of the repository
 * @param {string[]} folders of workspaces; those that are not there are left out
 * @returns {House}
 */
export function readHouse(root, folders) {
  const files = new Map();
  const workspaces = new Map();
  for (const folder of folders) {
    const directory = join(root, folder);
    if (!existsSync(directory)) continue;
    const manifestPath = join(directory, 'package.json');
    // scripts/ has none: the root's is its own.
    const manifest = readJson(existsSync(manifestPath) ? manifestPath : join(root, 'package.json'));
    workspaces.set(folder, { folder, name: manifest.name ?? folder, manifest });
    for (const path of listSources(directory)) {
      const relativePath = relative(root, path).split(sep).join('/');
      files.set(relativePath, readSource(path, relativePath, folder));
    }
  }
  return { root, files, workspaces };
}

export function readJson(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
}

function* listSources(directory) {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) {
      if (!SKIPPED.has(entry.name) && !entry.name.startsWith('.')) yield* listSources(path);
    } else if (SOURCE.test(entry.name)) {
      yield path;
    }
  }
}

/** @returns {Source} */
function readSource(path, relativePath, workspace) {
  const text = readFileSync(path, 'utf8');
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, false);
  const imports = [];
  const note = (node) => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
    imports.push({ specifier: node.text, line: line + 1 });
  };
  const visit = (node) => {
    const specifier = specifierOf(node);
    if (specifier !== undefined && ts.isStringLiteralLike(specifier)) note(specifier);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { path: relativePath, workspace, test: isTestCode(relativePath, workspace), imports };
}

/** The node that names a module in static, type, dynamic and CommonJS imports and re-exports. */
function specifierOf(node) {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isExternalModuleReference(node)) return node.expression;
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return node.argument.literal;
  }
  if (!ts.isCallExpression(node)) return undefined;
  const { expression } = node;
  const isRequire = ts.isIdentifier(expression) && expression.text === 'require';
  const isImport = expression.kind === ts.SyntaxKind.ImportKeyword;
  return isImport || isRequire ? node.arguments[0] : undefined;
}

/** All that is not shipped: tests, contract suites, fixtures, build scripts, configuration. */
function isTestCode(path, workspace) {
  return !path.startsWith(`${workspace}/src/`) || /(?:\.test|\/contract)\.\w+$/.test(path);
}

export function packageOf(specifier) {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** The source file a relative specifier names; undefined for assets and what is built. */
export function resolveRelative(house, file, specifier) {
  const path = join(dirname(file.path), specifier.replace(/\?.*$/, '')).split(sep).join('/');
  const stem = path.replace(/\.([cm]?)jsx?$/, '.$1');
  const endings = ['', '.ts', '.tsx', '/index.ts'];
  const candidates = endings.map((ending) => `${path}${ending}`);
  if (stem !== path) candidates.push(`${stem}ts`, `${stem}tsx`);
  return candidates.find((candidate) => house.files.has(candidate));
}
