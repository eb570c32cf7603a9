import { isMap, isScalar, LineCounter, type Node, parseDocument, visit } from 'yaml';
import type { z } from 'zod';
import { explainIssue } from './explain-issue.js';
import { type Profile, profileSchema } from './profile-schema.js';
import { findReferenceIssues } from './references.js';

/** Something wrong in a profile's file, said in one plain sentence. `line` and `column` count from 1. */
export interface ProfileIssue {
  file: string;
  line: number;
  column: number;
  /** Dotted path in the file; empty for the whole file. */
  path: string;
  severity: 'error' | 'warning';
  /** Short kebab-case name of the rule. */
  rule: string;
  message: string;
}

export type ParsedProfile =
  | { ok: true; profile: Profile; issues: ProfileIssue[]; locate: Locate }
  | { ok: false; issues: ProfileIssue[] };

/** Line and column of a path of the file, or of the nearest part that exists. */
export type Locate = (path: readonly PropertyKey[]) => { line: number; column: number };

/** Profiles are a few kilobytes; more is a mistake or an attack. */
export const maxProfileBytes = 262_144;

/** Reads a profile and checks syntax, schema and references. It never throws for what the file holds. */
export function parseProfile(yamlText: string, fileName: string): ParsedProfile {
  const fail = (issues: ProfileIssue[]): ParsedProfile => ({ ok: false, issues });
  if (yamlText.length > maxProfileBytes) {
    const message = `the file has ${yamlText.length} characters and may have ${maxProfileBytes}`;
    return fail([{ file: fileName, line: 1, column: 1, path: '', severity: 'error', rule: 'size', message }]);
  }
  const lines = new LineCounter();
  const document = parseDocument(yamlText, { lineCounter: lines, prettyErrors: false, strict: true });
  if (document.errors.length > 0) {
    return fail(
      document.errors.map((error) => {
        const { line, col } = lines.linePos(error.pos[0]);
        return issueAt(fileName, { line, column: col }, [], 'syntax', `not valid YAML: ${error.message}`);
      }),
    );
  }
  const locate = locator(document.contents, lines);
  let plain: unknown;
  try {
    plain = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    const { line, col } = lines.linePos(brokenAlias(document) ?? 0);
    return fail([
      issueAt(fileName, { line, column: col }, [], 'syntax', `not valid YAML: ${(error as Error).message}`),
    ]);
  }
  const parsed = profileSchema.safeParse(plain);
  if (!parsed.success) {
    const issues = parsed.error.issues.flatMap((issue) => explainIssue(issue as z.core.$ZodIssue, plain));
    return fail(issues.map(({ path, message }) => issueAt(fileName, locate(path), path, 'schema', message)));
  }
  const references = findReferenceIssues(parsed.data).map(({ path, message }) =>
    issueAt(fileName, locate(path), path, 'reference', message),
  );
  return references.length > 0 ? fail(references) : { ok: true, profile: parsed.data, issues: [], locate };
}

/** `file:line:column: message`, as compilers write it and editors understand it. */
export function formatIssue(issue: ProfileIssue): string {
  const where = issue.path === '' ? '' : `${issue.path}: `;
  return `${issue.file}:${issue.line}:${issue.column}: ${issue.severity}: ${where}${issue.message} [${issue.rule}]`;
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

function issueAt(
  file: string,
  at: { line: number; column: number },
  path: readonly PropertyKey[],
  rule: string,
  message: string,
): ProfileIssue {
  return { file, line: at.line, column: at.column, path: path.map(String).join('.'), severity: 'error', rule, message };
}

function locator(root: unknown, lines: LineCounter): Locate {
  return (path) => {
    let node = root as Node | null | undefined;
    let offset = node?.range?.[0] ?? 0;
    for (const step of path) {
      const next = childOf(node, step);
      if (!next) break;
      offset = next.offset ?? offset;
      node = next.value;
    }
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
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
