import type { Label } from '@hallhub/shared';
import { queryOptions } from '@tanstack/react-query';
import { etagOf } from './etag.js';
import { listing } from './listing.js';
import { del, get, patch, post, put, type Query } from './request.js';

export const channelKinds = ['email', 'sms', 'webhook'] as const;
export type ChannelKind = (typeof channelKinds)[number];
export const deliveryStates = [
  ...(['waiting', 'sent', 'delivered', 'failed', 'unknown', 'skipped', 'digested', 'dropped'] as const),
];
export type DeliveryState = (typeof deliveryStates)[number];

export interface DeliveryCounts {
  sent: number;
  delivered: number;
  failed: number;
  unknown: number;
  skipped: number;
  waiting: number;
  reasons: { code: string; count: number }[];
}
export interface NoticeChannel {
  id: string;
  kind: ChannelKind;
  name: string;
  config: Record<string, unknown>;
  hasPassword: boolean;
  oldSecretUntil: string | null;
  enabled: boolean;
  state: 'working' | 'untried' | 'failing' | 'off' | 'gave_up';
  failingSince: string | null;
  lastOkAt: string | null;
  lastErrorAt: string | null;
  lastCode: string | null;
  lastDetail: string | null;
  gaveUpAt: string | null;
  receiptsPath: string | null;
  day: DeliveryCounts;
  week: DeliveryCounts;
  waiting: number;
  oldestWaitingAt: string | null;
  /** Addresses to which nothing goes since a mail came back. */
  held: number;
  version: number;
  createdAt: string;
}
export interface ChannelSecret {
  channel: NoticeChannel;
  secret: string | null;
}
export interface Delivery {
  id: string;
  channelId: string;
  channel: ChannelKind;
  rule: string;
  topic: string;
  urgent: boolean;
  state: DeliveryState;
  addressee: 'person' | 'requester' | 'endpoint' | 'address';
  to: { name: string | null; shown: string | null };
  ticket: { id: string; number: string } | null;
  text: Label;
  code: string | null;
  detail: string | null;
  attempts: number;
  nextAt: string | null;
  madeAt: string;
  sentAt: string | null;
  doneAt: string | null;
  digestId: string | null;
  receipts: number;
  /** The notice that came back, since which nothing goes to that address. */
  heldBy: string | null;
}
export interface TicketNoticeLine {
  id: string;
  channel: ChannelKind | 'in_app';
  rule: string;
  text: Label;
  addressee: Delivery['addressee'];
  name: string | null;
  shown: string | null;
  state: DeliveryState | 'read' | 'unread';
  code: string | null;
  madeAt: string;
  at: string | null;
}

const at = (id: string) => `/notice-channels/${id}`;

export const noticeChannelsQuery = queryOptions({
  queryKey: ['notice-channels', 'list'],
  queryFn: ({ signal }) => get<{ items: NoticeChannel[] }>('/notice-channels', { signal }).then(({ items }) => items),
  refetchInterval: 15_000,
});
export const deliveriesQuery = (filters: Query) => ({
  ...listing<Delivery>('notice-deliveries', '/notice-deliveries', filters),
  refetchInterval: 15_000,
});
export const ticketNoticesQuery = (ticketId: string) =>
  queryOptions({
    queryKey: ['tickets', 'notices', ticketId],
    queryFn: ({ signal }) =>
      get<{ items: TicketNoticeLine[]; channels: ChannelKind[] }>(`/tickets/${ticketId}/notices`, { signal }),
  });

export interface ChannelInput {
  kind: ChannelKind;
  name: string;
  config: Record<string, unknown>;
  password?: string | null;
}
export const createNoticeChannel = (input: ChannelInput) => post<ChannelSecret>('/notice-channels', input);
export const changeNoticeChannel = (
  { id, version }: Pick<NoticeChannel, 'id' | 'version'>,
  change: { name?: string; config?: Record<string, unknown>; password?: string | null; enabled?: boolean },
) => patch<NoticeChannel>(at(id), change, { ifMatch: etagOf({ version }) });
export const endNoticeChannel = ({ id, version }: NoticeChannel) => del<void>(at(id), { ifMatch: etagOf({ version }) });
export const renewNoticeSecret = ({ id }: NoticeChannel) => post<ChannelSecret>(`${at(id)}/secret`);
export const testNoticeChannel = ({ id }: NoticeChannel, to: string | undefined) =>
  post<{ ok: boolean; code: string | null; detail: string | null; tookMs: number }>(
    `${at(id)}/test`,
    to ? { to } : {},
    { timeoutMs: 60_000 },
  );
export const replayDelivery = (id: string) => post<Delivery>(`/notice-deliveries/${id}/replay`);

export const liftHold = (deliveryId: string) => del<void>(`/notice-deliveries/${deliveryId}/hold`);

export const topics = ['given', 'urged', 'late', 'news'] as const;
export interface ChannelPrefs {
  on: boolean;
  topics: (typeof topics)[number][];
  workHours: boolean;
}
export interface Contact {
  email: string | null;
  phone: { shown: string; verifiedAt: string } | null;
  pending: { shown: string; until: string } | null;
  prefs: { email: ChannelPrefs; sms: ChannelPrefs };
  channels: ('email' | 'sms')[];
  held: { code: string | null; at: string } | null;
}
export const contactQuery = queryOptions({
  queryKey: ['me', 'contact'],
  queryFn: ({ signal }) => get<Contact>('/me/contact', { signal }),
});
export const changePrefs = (prefs: Contact['prefs']) => put<Contact>('/me/contact/preferences', prefs);
export const provePhone = (phone: string) => post<Contact>('/me/contact/phone', { phone });
export const confirmPhone = (code: string) => post<Contact>('/me/contact/phone/verify', { code });
export const liftOwnHold = () => del<void>('/me/contact/hold');
export const forgetPhone = () => del<void>('/me/contact/phone');
