import { type LiveRecord, LiveRecordReader } from '@hallhub/shared/vision';
import { queryOptions } from '@tanstack/react-query';
import { ApiError, problemToError } from './api-error.js';
import type { Listing } from './listing.js';
import { get, post } from './request.js';
import type { ReviewItem } from './review.js';
import type { Time } from './time.js';

export interface Recorded {
  deviceId: string;
  timeZone: string;
  spans: { from: Time; to: Time }[];
  oldestAt: Time | null;
  newestAt: Time | null;
}

export interface Viewing {
  ticket: string;
  endsAt: Time;
}

export interface PlannedDownload {
  ticket: string;
  endsAt: Time;
  from: Time;
  to: Time;
  bytes: number;
  pictures: number;
  width: number;
  height: number;
  holes: number;
  changesAt: Time | null;
}

export interface DaySpan {
  /** Epoch ms. */
  from: number;
  to: number;
}

const instants = ({ from, to }: DaySpan) => ({ from: new Date(from).toISOString(), to: new Date(to).toISOString() });
/** Also over a line that is paid for by volume. */
const despiteMetered = (pays: boolean) => (pays ? { despiteMetered: true } : {});
const pathOf = (deviceId: string, what: string) => `/video/recordings/${deviceId}/${what}`;

/** What the unit has of a day; asked of it again while the day goes on. */
export const recordedQuery = (deviceId: string, day: DaySpan) =>
  queryOptions({
    queryKey: ['recordings', deviceId, day.from, day.to],
    queryFn: ({ signal }) => get<Recorded>(pathOf(deviceId, 'spans'), { query: instants(day), signal }),
    refetchInterval: ({ state }) => (state.error ? 10_000 : Date.now() < day.to ? 20_000 : false),
    retry: false,
  });

const mostEvents = 1_000;

/** What cameras found that day, oldest first: marks on the time line. */
export const dayEventsQuery = (deviceId: string, day: DaySpan) =>
  queryOptions({
    queryKey: ['review', 'day', deviceId, day.from, day.to],
    queryFn: async ({ signal }) => {
      const all: ReviewItem[] = [];
      let cursor: string | null = null;
      do {
        const query = { deviceId, ...instants(day), order: 'oldest', limit: 200, cursor };
        const page: Listing<ReviewItem> = await get<Listing<ReviewItem>>('/review/items', { query, signal });
        all.push(...page.items);
        cursor = page.nextCursor;
      } while (cursor !== null && all.length < mostEvents);
      return all;
    },
    refetchInterval: () => (Date.now() < day.to ? 60_000 : false),
  });

/** Each is an entry in the audit trail. */
export const beginViewing = (deviceId: string, day: DaySpan, pays: boolean) =>
  post<Viewing>(pathOf(deviceId, 'viewings'), { ...instants(day), ...despiteMetered(pays) });

export const planDownload = (deviceId: string, span: DaySpan, pays: boolean) =>
  post<PlannedDownload>(
    pathOf(deviceId, 'downloads'),
    { ...instants(span), ...despiteMetered(pays) },
    { timeoutMs: 60_000 },
  );

export const downloadUrl = (deviceId: string, { ticket }: PlannedDownload) =>
  `/api/v1${pathOf(deviceId, 'file')}?${new URLSearchParams({ ticket })}`;

export interface PieceAsk {
  ticket: string;
  from: number;
  to?: number | undefined;
  cursor?: string | undefined;
  pictures: 'all' | 'keys';
}

/** A piece of the recording, record by record as it comes. Throws ApiError, also where it breaks off. */
export async function* fetchPiece(
  deviceId: string,
  { ticket, from, to, cursor, pictures }: PieceAsk,
  signal: AbortSignal,
): AsyncGenerator<LiveRecord> {
  const query = new URLSearchParams({ ticket, from: new Date(from).toISOString(), pictures });
  if (to !== undefined) query.set('to', new Date(to).toISOString());
  if (cursor !== undefined) query.set('cursor', cursor);
  try {
    const response = await fetch(`/api/v1${pathOf(deviceId, 'media')}?${query}`, {
      headers: { accept: 'application/octet-stream', 'x-requested-with': 'hallhub-console' },
      credentials: 'same-origin',
      cache: 'no-store',
      signal,
    });
    if (!response.ok || !response.body) {
      const body = await response.json().catch(() => undefined);
      throw problemToError(response.status, body, response.headers.get('x-request-id'));
    }
    const reader = response.body.getReader();
    const records = new LiveRecordReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield* records.push(value);
    }
  } catch (cause) {
    if (signal.aborted || cause instanceof ApiError) throw cause;
    throw new ApiError({ code: 'unavailable', message: 'no answer', status: 0, cause });
  }
}
