import { isMap, isScalar, LineCounter, type Node, parseDocument, visit } from 'yaml';
import { issueAt, type ProfileIssue } from '../profile-issue.js';
import { parsedTexts } from './parsed-texts.js';
import { textKey } from './text-key.js';

/** Profiles are a few kilobytes; more is a mistake or an attack. */
export const maxProfileBytes = 262_144;

/** The deepest a profile goes is a dozen. */
const maxDepth = 40;

/** A YAML file as plain data, and where each part of it stands. */
export interface YamlSource {
  file: string;
  plain: unknown;
  /** Line and column, from 1, of a path of the file, or of the nearest part that exists. */
  place(path: readonly PropertyKey[]): { line: number; column: number };
}

export type ReadYaml = { ok: true; source: YamlSource } | { ok: false; issues: ProfileIssue[] };

/** Reads a file's YAML, by what the build knows of it where it does. It never throws for what the file holds. */
export function readYaml(text: string, file: string, known = parsedTexts): ReadYaml {
  const json = known.size > 0 && text.length <= maxProfileBytes ? known.get(textKey(text)) : undefined;
  if (json === undefined) return parseYaml(text, file);
  return { ok: true, source: { file, plain: JSON.parse(json), place: (path) => placeIn(text, path) } };
}

/** Reads a file's YAML as it stands. It never throws for what the file holds. */
export function parseYaml(text: string, file: string): ReadYaml {
  if (text.length > maxProfileBytes) {
    const message = `the file has ${text.length} characters and may have ${maxProfileBytes}`;
    return { ok: false, issues: [issueAt({ file, line: 1, column: 1, path: '' }, 'size', message)] };
  }
  const lines = new LineCounter();
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const broken = (offset: number, message: string): ProfileIssue =>
    issueAt({ file, ...place(offset), path: '' }, 'syntax', `not valid YAML: ${message}`);
  let document: ReturnType<typeof parseDocument> | undefined;
  try {
    document = parseDocument(text, { lineCounter: lines, prettyErrors: false, strict: true, logLevel: 'error' });
    if (document.errors.length > 0) {
      return { ok: false, issues: document.errors.map((error) => broken(error.pos[0], error.message)) };
    }
    const plain: unknown = document.toJS({ maxAliasCount: 100 });
    if (isDeeper(plain, maxDepth)) return { ok: false, issues: [broken(0, 'it is nested too deeply')] };
    // Places are asked for where something is wrong: the text is parsed again rather than its tree kept, fifty times as big.
    return { ok: true, source: { file, plain, place: (path) => placeIn(text, path) } };
  } catch (error) {
    // Thousands of brackets exhaust the parser's stack.
    const message = error instanceof RangeError ? 'it is nested too deeply' : (error as Error).message;
    return { ok: false, issues: [broken(document ? (brokenAlias(document) ?? 0) : 0, message)] };
  }
}

/** The tree asked last: many faults of one file are told one after the other. */
let lastTree: { text: string; root: Node | null; lines: LineCounter } | undefined;

/** Line and column of a path of a YAML or JSON text, or of the nearest part that exists. */
export function placeIn(text: string, path: readonly PropertyKey[]): { line: number; column: number } {
  if (lastTree?.text !== text) {
    const lines = new LineCounter();
    const { contents } = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
    lastTree = { text, root: contents as Node | null, lines };
  }
  const { line, col } = lastTree.lines.linePos(offsetOf(lastTree.root, path));
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

/** Also true of an alias that holds itself. */
function isDeeper(value: unknown, depth: number): boolean {
  if (value === null || typeof value !== 'object') return false;
  return depth === 0 || Object.values(value).some((one) => isDeeper(one, depth - 1));
}

function brokenAlias(document: ReturnType<typeof parseDocument>): number | undefined {
  let offset: number | undefined;
  visit(document, {
    Alias(_key, node) {
      if (!node.resolve(document)) offset ??= node.range?.[0];
    },
  });
  return offset;
}

function offsetOf(root: Node | null, path: readonly PropertyKey[]): number {
  let node: Node | null | undefined = root;
  let offset = node?.range?.[0] ?? 0;
  for (const step of path) {
    const next = childOf(node, step);
    if (!next) break;
    offset = next.offset ?? offset;
    node = next.value;
  }
  return offset;
}

/** A map's entry is shown at its key, a list's at its value. */
function childOf(node: unknown, step: PropertyKey): { value: Node | null; offset: number | undefined } | undefined {
  if (isMap(node)) {
    const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
    if (!pair) return undefined;
    return { value: pair.value as Node | null, offset: (pair.key as Node).range?.[0] };
  }
  const item = (node as { items?: Node[] } | null)?.items?.[Number(step)];
  return item ? { value: item, offset: item.range?.[0] } : undefined;
}
