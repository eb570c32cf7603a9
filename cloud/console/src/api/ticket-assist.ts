import type { Label } from '@hallhub/shared';
import { queryOptions } from '@tanstack/react-query';
import { post } from './request.js';
import type { SensitiveHit } from './sensitive-words.js';
import type { TicketRow } from './tickets.js';

/** Why something is suggested: words of the text, and of how many closed tickets it was learned. */
export interface Learned {
  confidence: number;
  because: { word: string; share: number }[];
  learnedFrom: number;
}

export type BriefTicket = Pick<
  TicketRow,
  'id' | 'number' | 'title' | 'kind' | 'state' | 'light' | 'madeAt' | 'endedAt'
>;

export type LikenessReason =
  | { because: 'requester' | 'device' | 'hall' | 'category' }
  | { because: 'place'; metres: number }
  | { because: 'words'; share: number }
  | { because: 'time'; hours: number };

export interface Alike {
  as: 'duplicate' | 'event' | 'related';
  score: number;
  because: LikenessReason[];
  ticket: BriefTicket;
}

export interface Suggestions {
  fields: { field: string; suggestions: (Learned & { value: unknown; label: Label })[] }[];
  levels: (Learned & { level: string; label: Label })[];
  /** Who looks after the categories that are filled in. */
  appointed: { officeId: string; name: string; field: string; category: Label }[];
  offices: (Learned & { officeId: string; name: string })[];
  alike: Alike[];
  answers: { ticket: BriefTicket; likeness: number; answer: { field: string; label: Label; text: string }[] }[];
  sensitive: (SensitiveHit & { field: string })[];
  against: { name: string; times: number }[];
  scope: { of: 'households' | 'people' | 'buildings' | 'area'; count: number | null; words: string }[];
}

export interface SuggestFor {
  kind: string;
  fields: Record<string, unknown>;
  hallId: string | null;
  deviceId: string | null;
  ticketId: string | null;
}

export const suggestionsQuery = (about: SuggestFor) =>
  queryOptions({
    // Personal fields are asked with, never kept as a key.
    queryKey: ['tickets', 'suggestions', fingerprint(about)],
    queryFn: ({ signal }) => post<Suggestions>('/ticket-assist/suggest', about, { signal }),
    staleTime: 30_000,
    gcTime: 60_000,
    retry: false,
  });

/** Tells texts apart without holding them (FNV-1a, 53 bits). */
const fingerprint = (about: SuggestFor): string => {
  let [low, high] = [0x811c9dc5, 0x1b873593];
  for (const sign of JSON.stringify(about)) {
    const code = sign.codePointAt(0) ?? 0;
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ code, 0x85ebca6b);
  }
  return `${(low >>> 0).toString(36)}${(high >>> 0).toString(36)}`;
};
