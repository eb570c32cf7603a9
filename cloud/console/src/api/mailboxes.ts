import type { Label } from '@hallhub/shared';
import { queryOptions } from '@tanstack/react-query';
import { etagOf } from './etag.js';
import { listing } from './listing.js';
import { del, get, post, put } from './request.js';
import type { Time } from './time.js';

export interface MailServer {
  host: string;
  port: number;
  security: 'tls' | 'starttls' | 'plain';
  userName: string;
  folder: string;
  ca: string | null;
}

/** Keys of the kind’s fields; `category`: codes from the root of its tree. */
export interface MailMapping {
  title: string;
  text: string | null;
  requester: string | null;
  email: string | null;
  files: string | null;
  category?: string[] | null;
}

export interface Mailbox extends MailServer {
  id: string;
  name: string;
  address: string;
  kind: string;
  kindLabel: Label;
  hallId: string | null;
  mapping: MailMapping;
  acknowledge: boolean;
  enabled: boolean;
  state: 'new' | 'ok' | 'failed';
  failure: string | null;
  detail: string | null;
  failures: number;
  stateAt: Time | null;
  nextAt: Time;
  lookedAt: Time | null;
  letters: { made: number; added: number; aside: number };
  version: number;
}

export type MailboxInput = MailServer &
  Pick<Mailbox, 'name' | 'address' | 'kind' | 'hallId' | 'acknowledge' | 'enabled'> & {
    password?: string;
    mapping?: MailMapping;
  };

export interface MailLetter {
  id: string;
  state: 'made' | 'added' | 'aside';
  reason: string | null;
  ticket: { id: string; number: string } | null;
  from: string;
  subject: string;
  at: Time;
}

export interface Tried {
  ok: boolean;
  failure: string | null;
  detail: string | null;
  letters: number | null;
}

export const mailboxesQuery = queryOptions({
  queryKey: ['mailboxes'],
  queryFn: ({ signal }) => get<{ items: Mailbox[] }>('/mailboxes', { signal }).then(({ items }) => items),
  refetchInterval: 10_000,
});
export const lettersQuery = (mailboxId: string, state: string | undefined) => ({
  ...listing<MailLetter>('mail-letters', `/mailboxes/${mailboxId}/letters`, { state }),
  refetchInterval: 10_000,
});
export const createMailbox = (input: MailboxInput) => post<Mailbox>('/mailboxes', input);
export const changeMailbox = (mailbox: Mailbox, input: MailboxInput) =>
  put<Mailbox>(`/mailboxes/${mailbox.id}`, input, { ifMatch: etagOf(mailbox) });
export const archiveMailbox = (mailbox: Mailbox) => del<void>(`/mailboxes/${mailbox.id}`, { ifMatch: etagOf(mailbox) });
export const tryMailbox = (server: MailServer & { password?: string; mailboxId?: string }) =>
  post<Tried>('/mailboxes/test', server, { timeoutMs: 45_000 });
