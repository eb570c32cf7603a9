import { isUtf8 } from 'node:buffer';
import { type Lane, type Row, rowSchema } from '@hallhub/shared/wire';
import { isNestedDeeper, maxNesting } from '../../verb-kit/nesting.js';
import { isSampleRow } from './check-sample.js';
import type { DecodedBatch } from './decode-batch.js';

/** A row that kept its contract, with where it stands in the stream. */
export interface PlacedRow<R extends Row = Row> {
  readonly seq: number;
  readonly bytes: Buffer;
  readonly row: R;
}

/** A row that is stored as it came instead of as what it says. */
export interface AsideRow {
  readonly seq: number;
  readonly bytes: Buffer;
  readonly kind: string | null;
  readonly reason: AsideReason;
  readonly detail: string;
}

export type AsideReason =
  | 'encoding'
  | 'json'
  | 'unknown_kind'
  | 'wrong_lane'
  | 'contract'
  | 'device_of_other_unit'
  | 'unknown_command'
  | 'profile_hash'
  | 'far_time'
  | 'unstorable';

const maxDetailLength = 500;
const kinds = new Set(rowSchema.options.map((option) => option.shape.kind.value as string));
/** `gap` may stand in any lane (docs/protocol.md 1.4). */
const laneKinds: Readonly<Record<Lane, ReadonlySet<string>>> = {
  events: new Set([...kinds].filter((kind) => kind !== 'sample' && kind !== 'evidence')),
  live: new Set(['sample', 'gap']),
  backlog: new Set(['sample', 'gap']),
  manifest: new Set(['gap', 'evidence']),
};

export interface ReadRows {
  readonly rows: PlacedRow[];
  readonly aside: AsideRow[];
}

/** Every row of a batch against its contract; what breaks it goes aside and nothing else is touched. */
export const readRows = (batch: DecodedBatch): ReadRows => {
  const { header } = batch;
  const rows: PlacedRow[] = [];
  const aside: AsideRow[] = [];
  batch.rows.forEach((bytes, i) => {
    const text = batch.texts ? batch.texts[i] : isUtf8(bytes) ? bytes.toString('utf8') : undefined;
    const read = readRow(header.lane, header.firstSeq + i, { bytes, text });
    if ('row' in read) rows.push(read);
    else aside.push(read);
  });
  return { rows, aside };
};

const readRow = (
  lane: Lane,
  seq: number,
  { bytes, text }: { readonly bytes: Buffer; readonly text: string | undefined },
): PlacedRow | AsideRow => {
  const refuse = (reason: AsideReason, detail: string, kind: string | null = null): AsideRow => ({
    seq,
    bytes,
    kind,
    reason,
    detail: detail.slice(0, maxDetailLength),
  });
  if (text === undefined) return refuse('encoding', 'The row is not UTF-8');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return refuse('json', (error as Error).message);
  }
  const kind = kindOf(json);
  if (kind === undefined) return refuse('contract', 'kind: a row has a kind');
  if (!kinds.has(kind)) return refuse('unknown_kind', `kind: ${kind} is not known here`, kind.slice(0, 64));
  if (!laneKinds[lane].has(kind)) return refuse('wrong_lane', `${kind} does not belong in the lane ${lane}`, kind);
  if (isSampleRow(json)) return { seq, bytes, row: json };
  if (isNestedDeeper(json)) return refuse('contract', `nested deeper than ${maxNesting} levels`, kind);
  const parsed = rowSchema.safeParse(json);
  if (parsed.success) return { seq, bytes, row: parsed.data };
  const detail = parsed.error.issues.slice(0, 5).map(({ path, message }) => `${path.join('.')}: ${message}`);
  return refuse('contract', detail.join('; '), kind);
};

const kindOf = (json: unknown): string | undefined => {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined;
  const { kind } = json as { kind?: unknown };
  return typeof kind === 'string' ? kind : undefined;
};
