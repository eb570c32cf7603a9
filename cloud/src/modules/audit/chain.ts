import { createHash } from 'node:crypto';

/** One audit entry as it is hashed and exported: every field, unknown ones null. */
export interface ChainedEntry {
  readonly id: string;
  readonly tenantId: string;
  /** RFC 3339 with milliseconds and Z. */
  readonly at: string;
  readonly actor: { readonly kind: string; readonly id: string | null; readonly name: string };
  readonly action: string;
  readonly target: { readonly kind: string; readonly id: string | null; readonly name: string | null };
  readonly hallId: string | null;
  readonly before: unknown;
  readonly after: unknown;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly requestId: string | null;
}

export const noHash = '0'.repeat(64);

/** JSON with the members of every object in the order of their UTF-16 code units and no white space (as RFC 8785). */
export const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(',')}}`;
};

/** SHA-256 (hex) over `hallhub.audit.1`, the number, the hash before and the entry's canonical JSON, a line each. */
export const linkHash = (seq: number, previous: string, canonical: string): string =>
  createHash('sha256').update(`hallhub.audit.1\n${seq}\n${previous}\n${canonical}`).digest('hex');

export type ChainProblemKind =
  /** The row, or the hash stored beside it, is not what was sealed. */
  | 'changed'
  /** Numbers are missing: rows were deleted. */
  | 'missing'
  /** Rows after this one were deleted, or the head was moved. */
  | 'head'
  /** A signed head says something else than the chain: history was rewritten, or the signed head is not genuine. */
  | 'anchor';

export interface ChainProblem {
  readonly kind: ChainProblemKind;
  readonly seq: number;
  readonly entryId: string | null;
}

export interface Link {
  readonly seq: number;
  readonly hash: string;
  readonly canonical: string;
  readonly entryId: string | null;
  readonly at: string;
}

/** Commits may overtake each other by a transaction's length; what is farther back was not written when it says. */
const overtakingMs = 15 * 60_000;
const maxBackdated = 20;

/** Walks a chain link by link and stops at the first that does not fit. */
export class ChainWalk {
  seq: number;
  hash: string;
  problem: ChainProblem | null = null;
  readonly backdated: { seq: number; entryId: string | null; at: string }[] = [];
  #latestMs = 0;

  /** From the beginning, or from a link that is taken as given. */
  constructor(from: { readonly seq: number; readonly hash: string } = { seq: 0, hash: noHash }) {
    this.seq = from.seq;
    this.hash = from.hash;
  }

  /** False once the chain is broken. */
  step(link: Link): boolean {
    if (this.problem) return false;
    const { seq, entryId } = link;
    if (seq !== this.seq + 1) return this.#break({ kind: 'missing', seq: this.seq + 1, entryId: null });
    if (linkHash(seq, this.hash, link.canonical) !== link.hash) return this.#break({ kind: 'changed', seq, entryId });
    const atMs = Date.parse(link.at);
    if (atMs < this.#latestMs - overtakingMs && this.backdated.length < maxBackdated) {
      this.backdated.push({ seq, entryId, at: link.at });
    }
    this.#latestMs = Math.max(this.#latestMs, atMs);
    this.seq = seq;
    this.hash = link.hash;
    return true;
  }

  #break(problem: ChainProblem): false {
    this.problem = problem;
    return false;
  }
}
