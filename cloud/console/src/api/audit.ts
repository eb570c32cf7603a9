import type { Label } from '@hallhub/shared';
import { queryOptions } from '@tanstack/react-query';
import { listing } from './listing.js';
import { get, post, type Query } from './request.js';
import type { Time } from './time.js';

export interface AuditEntry {
  id: string;
  at: Time;
  actor: { id: string | null; name: string; kind: 'user' | 'system' | 'apikey' };
  action: string;
  target: { kind: string; id: string | null; name: Label | string | null } | null;
  before: unknown;
  after: unknown;
  ip: string | null;
  requestId: string | null;
  /** Number in the chain; null until it is sealed. */
  seq: number | null;
}

export const auditQuery = (query: Query) => listing<AuditEntry>('audit', '/audit', query);

export interface AuditVerification {
  ok: boolean;
  checkedTo: number;
  problem: { kind: 'changed' | 'missing' | 'head' | 'anchor'; seq: number; entryId: string | null } | null;
  signedHeads: number;
  signaturesChecked: boolean;
  backdated: { seq: number; entryId: string; at: Time }[];
  verifiedAt: Time;
  durationMs: number;
}

export interface AuditChain {
  seq: number;
  hash: string | null;
  sealedAt: Time | null;
  unsealed: number;
  lastSignedHead: { number: number; seq: number; at: Time } | null;
  verification: AuditVerification | null;
}

export const auditChainQuery = queryOptions({
  queryKey: ['audit', 'chain'],
  queryFn: ({ signal }) => get<AuditChain>('/audit/chain', { signal }),
});

/** Reads every row again: millions take a minute. */
export const verifyAudit = () => post<AuditVerification>('/audit/chain/verification', {}, { timeoutMs: 600_000 });

/** Where the browser downloads the trail; the filters are those of the list. */
export const auditExportUrl = (format: 'jsonl' | 'csv', filter: Record<string, string | undefined>): string => {
  const search = new URLSearchParams({ format });
  for (const [name, value] of Object.entries(filter)) if (value) search.set(name, value);
  return `/api/v1/audit/export?${search}`;
};
