import type { BookDifference, ExchangeMapping, ExchangeStateName } from '@hallhub/shared/exchange';
import { queryOptions } from '@tanstack/react-query';
import { etagOf } from './etag.js';
import { listing } from './listing.js';
import { del, get, patch, post, type Query } from './request.js';

export const partners = ['12345', '110', 'grid', 'government', 'customer', 'other'] as const;
export type Partner = (typeof partners)[number];
export const messageStates = ['waiting', 'accepted', 'refused', 'failed', 'dropped'] as const;
export type MessageState = (typeof messageStates)[number];

export interface Channel {
  id: string;
  code: string;
  name: string;
  partner: Partner;
  baseUrl: string | null;
  /** Below this server’s own address. */
  ourPath: string;
  keyId: string;
  oldKeyUntil: string | null;
  mapping: ExchangeMapping;
  faults: { path: string; message: string }[];
  hallId: string | null;
  paused: boolean;
  lastInAt: string | null;
  lastOutAt: string | null;
  clockMs: number;
  waiting: number;
  oldestWaitingAt: string | null;
  failed: number;
  refused: number;
  tickets: number;
  comparedAt: string | null;
  compared: 'equal' | 'different' | 'failed' | null;
  version: number;
  createdAt: string;
}
export interface ChannelSecret {
  channel: Channel;
  keyId: string;
  secret: string;
}
export interface ExchangeMessageRow {
  id: string;
  direction: 'in' | 'out';
  messageId: string;
  act: string;
  owner: 'hub' | 'platform';
  number: string;
  seq: number | null;
  state: MessageState;
  effect: string | null;
  code: string | null;
  detail: string | null;
  attempts: number;
  nextAt: string | null;
  madeAt: string;
  doneAt: string | null;
  ticket: { id: string; number: string } | null;
  exchange: ExchangeStateName | null;
}
export interface ExchangeMessageDetail extends ExchangeMessageRow {
  body: Record<string, unknown>;
  tries: {
    at: string;
    tookMs: number;
    status: number | null;
    code: string | null;
    detail: string | null;
    answer: unknown;
    ip: string | null;
  }[];
  files?: {
    sha256: string;
    name: string;
    bytes: number | null;
    state: 'waiting' | 'accepted' | 'refused';
    code: string | null;
  }[];
}
export interface Comparison {
  id: string;
  at: string;
  tookMs: number;
  state: 'equal' | 'different' | 'failed';
  here: number;
  there: number;
  underWay: number;
  different: number;
  differences: BookDifference[];
  detail: string | null;
}

const at = (id: string) => `/exchange-channels/${id}`;

export const channelsQuery = queryOptions({
  queryKey: ['exchange-channels', 'list'],
  queryFn: ({ signal }) => get<{ items: Channel[] }>('/exchange-channels', { signal }).then(({ items }) => items),
  refetchInterval: 15_000,
});
export const channelQuery = (id: string) =>
  queryOptions({
    queryKey: ['exchange-channels', 'one', id],
    queryFn: ({ signal }) => get<Channel>(at(id), { signal }),
    refetchInterval: 15_000,
  });
export const messagesQuery = (id: string, filters: Query) => ({
  ...listing<ExchangeMessageRow>('exchange-messages', `${at(id)}/messages`, filters),
  refetchInterval: 15_000,
});
export const messageQuery = (id: string, messageId: string) =>
  queryOptions({
    queryKey: ['exchange-messages', 'one', id, messageId],
    queryFn: ({ signal }) => get<ExchangeMessageDetail>(`${at(id)}/messages/${messageId}`, { signal }),
  });
export const comparisonsQuery = (id: string) =>
  queryOptions({
    queryKey: ['exchange-channels', 'comparisons', id],
    queryFn: ({ signal }) =>
      get<{ items: Comparison[] }>(`${at(id)}/comparisons`, { signal }).then(({ items }) => items),
  });

export interface NewChannel {
  code: string;
  name: string;
  partner: Partner;
  baseUrl: string | null;
  hallId: string | null;
  mapping: ExchangeMapping;
}
export const createChannel = (input: NewChannel) => post<ChannelSecret>('/exchange-channels', input);
export const changeChannel = (
  { id, version }: Pick<Channel, 'id' | 'version'>,
  change: Partial<Pick<Channel, 'name' | 'mapping' | 'baseUrl' | 'hallId' | 'paused'>>,
) => patch<Channel>(at(id), change, { ifMatch: etagOf({ version }) });
export const endChannel = ({ id, version }: Channel) => del<void>(at(id), { ifMatch: etagOf({ version }) });
export const renewSecret = ({ id }: Channel) => post<ChannelSecret>(`${at(id)}/secret`);
export const testChannel = ({ id }: Channel) =>
  post<{ ok: boolean; status: number | null; tookMs: number; problem: string | null; detail: string | null }>(
    `${at(id)}/test`,
    undefined,
    { timeoutMs: 40_000 },
  );
export const compareNow = (id: string) => post<Comparison>(`${at(id)}/comparisons`, undefined, { timeoutMs: 120_000 });
export const replayMessage = (id: string, messageId: string) =>
  post<ExchangeMessageRow>(`${at(id)}/messages/${messageId}/replay`);
export const dropMessage = (id: string, messageId: string, reason: string) =>
  post<ExchangeMessageRow>(`${at(id)}/messages/${messageId}/drop`, { reason });
/** The ids of all messages in one state, page after page. */
export const allMessages = async (id: string, state: MessageState, signal: AbortSignal): Promise<string[]> => {
  const ids: string[] = [];
  for (let cursor: string | null = null; ; ) {
    const query = { state, limit: 200, cursor };
    const page: { items: ExchangeMessageRow[]; nextCursor: string | null } = await get(`${at(id)}/messages`, {
      query,
      signal,
    });
    ids.push(...page.items.map((one) => one.id));
    if (page.nextCursor === null) return ids;
    cursor = page.nextCursor;
  }
};
