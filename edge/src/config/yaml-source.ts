import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';

/** A YAML text with the place of everything in it, so that errors name file and line. */
export class YamlSource {
  readonly file: string;
  readonly value: unknown;
  /** Syntax errors, as `file:line:column: message`. */
  readonly errors: readonly string[];
  readonly #lines = new LineCounter();
  readonly #root: unknown;

  constructor(file: string, text: string) {
    this.file = file;
    const document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
    this.#root = document.contents;
    const errors = document.errors.map((error) => `${this.#place(error.pos[0])}: not valid YAML: ${error.message}`);
    let value: unknown;
    try {
      value = errors.length > 0 ? undefined : document.toJS({ maxAliasCount: 100 });
    } catch (error) {
      errors.push(`${file}:1:1: ${(error as Error).message}`);
    }
    this.value = value;
    this.errors = errors;
  }

  /** `file:line:column` of a path, or of the nearest part of it that is there. */
  placeOf(path: readonly PropertyKey[]): string {
    let node = this.#root as { range?: readonly number[]; items?: unknown[] } | null;
    let offset = node?.range?.[0] ?? 0;
    for (const step of path) {
      const next = childOf(node, step);
      if (!next) break;
      node = next.node as typeof node;
      offset = next.offset ?? offset;
    }
    return this.#place(offset);
  }

  /** One line for each issue; `under` is where the checked value stands in the file. */
  explain(error: z.ZodError, under: readonly PropertyKey[] = []): string[] {
    return error.issues.map((issue) => {
      const keys = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
      const path = [...under, ...issue.path, ...keys];
      const name = [...under, ...issue.path].map(String).join('.');
      return `${this.placeOf(path)}: ${name === '' ? '' : `${name}: `}${issue.message}`;
    });
  }

  #place(offset: number): string {
    const { line, col } = this.#lines.linePos(offset);
    return `${this.file}:${Math.max(1, line)}:${Math.max(1, col)}`;
  }
}

const childOf = (node: unknown, step: PropertyKey): { node: unknown; offset: number | undefined } | undefined => {
  if (isMap(node)) {
    const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
    return pair ? { node: pair.value, offset: (pair.key as { range?: readonly number[] }).range?.[0] } : undefined;
  }
  if (isSeq(node)) {
    const item = node.items[Number(step)] as { range?: readonly number[] } | undefined;
    return item ? { node: item, offset: item.range?.[0] } : undefined;
  }
  return undefined;
};
