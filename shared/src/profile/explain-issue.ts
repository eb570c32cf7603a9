import type { z } from 'zod';

export interface Explained {
  path: PropertyKey[];
  message: string;
}

/** A zod issue as plain sentences with the paths they belong to. `root` is the value that was checked. */
export function explainIssue(issue: z.core.$ZodIssue, root: unknown, base: readonly PropertyKey[] = []): Explained[] {
  const path = [...base, ...issue.path];
  const name = path.length > 0 ? String(path.at(-1)) : 'the file';
  const value = valueAt(root, path);
  switch (issue.code) {
    case 'invalid_type':
      if (value === undefined) return [{ path, message: `${name} is missing` }];
      return [{ path, message: `${name} should be ${typeName(issue.expected)} and is ${nameValue(value)}` }];
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path: [...path, key], message: `${key} is not known here` }));
    case 'invalid_value': {
      if (value === undefined) return [{ path, message: `${name} is missing` }];
      const allowed = issue.values.map(String).join(', ');
      return [
        {
          path,
          message: `${name} is ${nameValue(value)} and should be ${issue.values.length > 1 ? 'one of ' : ''}${allowed}`,
        },
      ];
    }
    case 'too_small':
      return [{ path, message: `${name} should have at least ${issue.minimum}${sizeWord(issue.origin)}` }];
    case 'too_big':
      return [{ path, message: `${name} should have at most ${issue.maximum}${sizeWord(issue.origin)}` }];
    case 'invalid_key':
      return [
        { path, message: `${name} is not a valid name here: ${issue.issues.map((one) => one.message).join(', ')}` },
      ];
    case 'invalid_union':
      return explainUnion(issue, root, path);
    default:
      return [{ path, message: issue.message }];
  }
}

/** Of the variants, the one that came furthest tells most: fewest unknown keys and missing parts. */
function explainUnion(issue: z.core.$ZodIssueInvalidUnion, root: unknown, path: PropertyKey[]): Explained[] {
  const name = path.length > 0 ? String(path.at(-1)) : 'the file';
  const value = valueAt(root, path);
  if (issue.errors.length === 0) {
    const discriminator = issue.discriminator;
    // The path may or may not end with it, as the library's version has it.
    const where = discriminator === undefined || path.at(-1) === discriminator ? path : [...path, discriminator];
    const found = valueAt(root, where);
    if (found === undefined) return [{ path: where, message: `${String(where.at(-1))} is missing` }];
    return [
      {
        path: where,
        message: `${String(where.at(-1))} is ${nameValue(found)}, which is not known here${choices(issue)}`,
      },
    ];
  }
  const scalar = value === null || typeof value !== 'object';
  if (scalar)
    return [
      {
        path,
        message: value === undefined ? `${name} is missing` : `${name} is ${nameValue(value)}, which does not fit`,
      },
    ];
  const ranked = [...issue.errors].sort((a, b) => weight(a) - weight(b));
  return (ranked[0] ?? []).flatMap((one) => explainIssue(one, root, path));
}

function choices(issue: z.core.$ZodIssueInvalidUnion): string {
  const { options } = issue as { options?: unknown };
  return Array.isArray(options) && options.length > 0 ? `: it should be one of ${options.map(String).join(', ')}` : '';
}

function weight(issues: readonly z.core.$ZodIssue[]): number {
  return issues.reduce((sum, one) => {
    if (one.code === 'unrecognized_keys') return sum + 4 * one.keys.length;
    return sum + (one.path.length <= 1 ? 2 : 1);
  }, 0);
}

function sizeWord(origin: string): string {
  if (origin === 'string') return ' characters';
  if (origin === 'array') return ' entries';
  return '';
}

function typeName(expected: string): string {
  switch (expected) {
    case 'object':
    case 'record':
      return 'a group of keys';
    case 'array':
    case 'tuple':
      return 'a list';
    case 'string':
      return 'text';
    case 'int':
      return 'a whole number';
    default:
      return `a ${expected}`;
  }
}

function nameValue(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a group of keys';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const step of path) {
    if (value === null || typeof value !== 'object') return undefined;
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  return value;
}
