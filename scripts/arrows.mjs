/**
 * Checks the import arrows of the house: which workspace may import which, the rooms inside the
 * processor, and that nothing runs in a circle. Prints `file:line: A must not import B (why)`.
 *
 *   node scripts/arrows.mjs [root folder]
 */
import { isBuiltin } from 'node:module';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageOf, readHouse, readJson, resolveRelative } from './sources.mjs';

/**
 * Workspace folder -> workspace folders it may import; '*' is anything, source files of others
 * included. Test code may also import the workspaces its package.json names in devDependencies.
 */
const ARROWS = {
  protocol: [],
  'recorder-otel': ['protocol'],
  // It serves the player's built page, which it finds by its package name, but runs none of it.
  'collector-processor': ['protocol'],
  player: ['protocol'],
  'grafana-plugin': ['player'],
  // Stands for a user's project: published packages only.
  'backend-example': ['recorder-otel'],
  e2e: '*',
  bench: '*',
  scripts: '*',
};

const ROOMS = 'collector-processor/src';
/** The heart is pure: what it may import besides its own files. */
const SESSION = {
  room: `${ROOMS}/session`,
  files: [`${ROOMS}/clock`, `${ROOMS}/otlp/types`],
  packages: ['@otel-replay/protocol'],
};

/**
 * @param {string} root folder of the repository
 * @returns {string[]} violations, in order of file and line
 */
export function findViolations(root) {
  const house = readHouse(root, Object.keys(ARROWS));
  /** @type {{ path: string, line: number, text: string }[]} */
  const found = [];
  const report = (path, line, text) => found.push({ path, line, text });
  for (const file of house.files.values()) {
    checkName(file, report);
    for (const imported of file.imports) checkImport(house, file, imported, report);
  }
  checkCycles(fileGraph(house), 'an import circle', report);
  checkCycles(roomGraph(house), 'a circle of rooms', report);
  found.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.line - b.line));
  return [...new Set(found.map(({ path, line, text }) => `${path}:${line}: ${text}`))];
}

function checkName(file, report) {
  const pieces = file.path.replace(/(?:\.test|\.d)?\.\w+$/, '').split('/');
  if (pieces.some((piece) => /^utils?$/i.test(piece))) {
    report(file.path, 1, 'no file or folder is named utils (name it after what it does)');
  }
}

function checkImport(house, file, { specifier, line }, report) {
  const refuse = (why) =>
    report(file.path, line, `${file.path} must not import ${specifier} (${why})`);
  if (/(?:^|\/)main(?:\.\w+)?$/.test(specifier) && specifier.startsWith('.')) {
    const target = resolveRelative(house, file, specifier);
    if (target !== undefined && /^[\w-]+\/src\/main\.\w+$/.test(target)) {
      refuse('main is a program, nobody imports it');
    }
  }
  if (specifier.startsWith('.')) checkRelative(house, file, specifier, refuse);
  else if (specifier.startsWith('/') || specifier.startsWith('file:')) {
    refuse('absolute paths exist on one machine only');
  } else checkPackage(house, file, specifier, refuse);
}

function checkRelative(house, file, specifier, refuse) {
  const target = join(dirname(file.path), specifier).split(sep).join('/');
  const workspace = target.split('/')[0];
  if (workspace !== file.workspace && ARROWS[file.workspace] !== '*') {
    refuse('a file of another workspace; import its package name');
    return;
  }
  const resolved = resolveRelative(house, file, specifier);
  if (!file.test && house.files.get(resolved)?.test === true && !isPrivate(house, file)) {
    refuse('code that ships does not import test code');
    return;
  }
  if (isHeart(file) && !isOfHeart(target)) {
    refuse('session/ imports only protocol, clock, otlp/types and its own files');
  }
}

function isPrivate(house, file) {
  return house.workspaces.get(file.workspace).manifest.private === true;
}

function isHeart(file) {
  return file.path.startsWith(`${SESSION.room}/`) && !file.test;
}

function isOfHeart(target) {
  return (
    target.startsWith(`${SESSION.room}/`) || SESSION.files.includes(target.replace(/\.\w+$/, ''))
  );
}

function checkPackage(house, file, specifier, refuse) {
  const name = packageOf(specifier);
  if (isHeart(file) && !SESSION.packages.includes(name)) {
    refuse('session/ imports only protocol, clock, otlp/types and its own files');
    return;
  }
  if (isBuiltin(specifier) || specifier.startsWith('node:') || specifier.startsWith('virtual:'))
    return;
  const own = house.workspaces.get(file.workspace);
  const target = [...house.workspaces.values()].find((w) => w.name === name);
  if (target !== undefined && target !== own) {
    checkArrow(file, own, target, specifier, refuse);
  } else if (target === undefined) {
    checkDeclared(house, file, own, name, refuse);
  }
}

function checkArrow(file, own, target, specifier, refuse) {
  const arrows = ARROWS[file.workspace];
  const allowed =
    arrows === '*' ||
    arrows.includes(target.folder) ||
    (file.test && own.manifest.devDependencies?.[target.name] !== undefined);
  if (!allowed) {
    const names = arrows.length === 0 ? 'no workspace' : `only ${arrows.join(', ')}`;
    refuse(`${file.workspace} may import ${names}`);
  } else if (!isExported(target, specifier)) {
    refuse(`${target.name} does not export it`);
  }
}

function isExported({ name, manifest }, specifier) {
  const { exports } = manifest;
  if (exports === undefined || typeof exports === 'string') return specifier === name;
  const wanted = `.${specifier.slice(name.length)}`;
  return Object.keys(exports).some((key) => {
    if (!key.includes('*')) return key === wanted;
    const [before, after] = key.split('*');
    return wanted.startsWith(before) && wanted.endsWith(after);
  });
}

/** What ships must find its packages where users install it. */
function checkDeclared(house, file, own, name, refuse) {
  const { dependencies, peerDependencies, optionalDependencies, devDependencies } = own.manifest;
  const has = (...lists) => lists.some((list) => list?.[name] !== undefined);
  if (has(dependencies, peerDependencies, optionalDependencies)) return;
  const root = readJson(join(house.root, 'package.json'));
  const forDevelopment = has(
    devDependencies,
    root.devDependencies,
    root.dependencies,
    ...ownManifests(house, file).map((manifest) => manifest.dependencies),
  );
  if (!forDevelopment) {
    refuse(`it is not in ${file.workspace}/package.json`);
  } else if (!file.test && own.manifest.private !== true) {
    refuse('a devDependency is not there when this package is installed');
  }
}

/** Of folders of tests that install packages for themselves, with a lockfile of their own. */
function ownManifests(house, file) {
  const manifests = [];
  for (let at = dirname(file.path); at !== file.workspace; at = dirname(at)) {
    if (at === '.' || !file.test) break;
    manifests.push(readJson(join(house.root, at, 'package.json')));
  }
  return manifests;
}

/**
 * A graph keeps for every edge the import that draws it.
 * @typedef {Map<string, Map<string, { path: string, line: number, specifier: string }>>} Graph
 * @returns {Graph}
 */
function fileGraph(house) {
  const graph = new Map();
  for (const file of house.files.values()) {
    for (const { specifier, line } of file.imports) {
      if (!specifier.startsWith('.')) continue;
      const target = resolveRelative(house, file, specifier);
      if (target !== undefined) addEdge(graph, file.path, target, file.path, line, specifier);
    }
  }
  return graph;
}

/** @returns {Graph} */
function roomGraph(house) {
  const graph = new Map();
  const roomOf = (path) => /^collector-processor\/src\/[^/]+(?=\/)/.exec(path)?.[0];
  for (const file of house.files.values()) {
    const from = roomOf(file.path);
    if (from === undefined || file.test) continue;
    for (const { specifier, line } of file.imports) {
      if (!specifier.startsWith('.')) continue;
      const to = roomOf(resolveRelative(house, file, specifier) ?? '');
      if (to !== undefined && to !== from) addEdge(graph, from, to, file.path, line, specifier);
    }
  }
  return graph;
}

function addEdge(graph, from, to, path, line, specifier) {
  const edges = graph.get(from) ?? new Map();
  if (!edges.has(to)) edges.set(to, { path, line, specifier });
  graph.set(from, edges);
}

/** Depth first; each import that leads back to where the walk came from closes a circle. */
function checkCycles(graph, what, report) {
  const done = new Set();
  const trail = [];
  const visit = (node) => {
    trail.push(node);
    for (const [next, { path, line, specifier }] of graph.get(node) ?? []) {
      const start = trail.indexOf(next);
      if (start >= 0) {
        const circle = [...trail.slice(start), next].map(
          (n) => basename(dirname(n)) + '/' + basename(n),
        );
        report(path, line, `${path} must not import ${specifier} (${what}: ${circle.join(' → ')})`);
      } else if (!done.has(next)) visit(next);
    }
    trail.pop();
    done.add(node);
  };
  for (const node of [...graph.keys()].sort()) if (!done.has(node)) visit(node);
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const root = process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url));
  const violations = findViolations(resolve(root));
  for (const violation of violations) console.error(violation);
  console.log(
    `arrows: ${violations.length === 0 ? 'all imports point the right way' : `${violations.length} violations`}`,
  );
  process.exitCode = violations.length === 0 ? 0 : 1;
}
