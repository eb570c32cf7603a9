import { csvCell } from '../../workbook/write-csv.js';
import { type ChainedEntry, canonicalJson } from './chain.js';
import type { AuditFilter } from './contract.js';

export const exportFormats = ['jsonl', 'csv'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** An exported entry: enough to check it, and the one after it, without the database. */
export interface ExportedLink {
  readonly seq: number;
  /** Hash of the entry numbered one less. */
  readonly previous: string;
  readonly hash: string;
  readonly entry: ChainedEntry;
}

export interface ExportHeader {
  readonly type: 'hallhub.audit.export';
  readonly v: 1;
  readonly tenantId: string;
  readonly exportedAt: string;
  /** False where filters or the reader's reach leave entries out: numbers may then be missing. */
  readonly whole: boolean;
  readonly filter: AuditFilter;
}

export const csvColumns = [
  'seq',
  'at',
  'actorKind',
  'actorId',
  'actorName',
  'action',
  'targetKind',
  'targetId',
  'targetName',
  'hallId',
  'ip',
  'userAgent',
  'requestId',
  'previous',
  'hash',
  'entry',
] as const;

/** As the checker writes it anew: a record that reads otherwise was changed. */
export const csvLine = ({ seq, previous, hash, entry }: ExportedLink): string =>
  [
    String(seq),
    entry.at,
    entry.actor.kind,
    entry.actor.id,
    entry.actor.name,
    entry.action,
    entry.target.kind,
    entry.target.id,
    entry.target.name,
    entry.hallId,
    entry.ip,
    entry.userAgent,
    entry.requestId,
    previous,
    hash,
    canonicalJson(entry),
  ]
    .map((cell) => csvCell(cell ?? ''))
    .join(',');

/** Records of a CSV text, each as it stands in the file. Quoted line ends belong to their record. */
export function* csvRecords(text: string): Generator<string> {
  let from = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') quoted = !quoted;
    if (text[at] !== '\n' || quoted) continue;
    yield text.slice(from, at).replace(/\r$/, '');
    from = at + 1;
  }
  if (from < text.length) yield text.slice(from);
}

export const csvCells = (record: string): string[] => {
  const cells: string[] = [];
  for (let at = 0; at <= record.length; at++) {
    const quoted = record[at] === '"' ? /^"((?:[^"]|"")*)"/.exec(record.slice(at)) : null;
    const next = record.indexOf(',', quoted ? at + quoted[0].length : at);
    const end = next < 0 ? record.length : next;
    cells.push(quoted ? (quoted[1] ?? '').replaceAll('""', '"') : record.slice(at, end));
    at = end;
  }
  return cells;
};
