import type { ExchangeLeft } from '@hallhub/shared/exchange';
import { and, eq } from 'drizzle-orm';
import type { Tx } from '../../../db/index.js';
import { exchangeTicketFiles, type LinkRow } from '../tables.js';

export interface LinkFile {
  readonly sha256: string;
  readonly name: string;
  readonly bytes: number | null;
  readonly mediaType: string | null;
}

interface Noted {
  readonly link: Pick<LinkRow, 'id' | 'tenantId'>;
  readonly messageId: string;
  readonly direction: 'in' | 'out';
  readonly at: Date;
  readonly files: readonly LinkFile[];
  readonly left: readonly (ExchangeLeft & { readonly detail?: string | null })[];
}

/** Which files go with a message, and which do not and why. What came or went before stays as it is noted. */
export const noteFiles = async (tx: Tx, of: Noted): Promise<void> => {
  const { link, messageId, direction, at } = of;
  const state = direction === 'in' ? ('accepted' as const) : ('waiting' as const);
  const base = { tenantId: link.tenantId, linkId: link.id, direction, messageId, at };
  const rows = [
    ...of.files.map((file) => ({ ...base, ...file, state })),
    ...of.left.map(({ sha256, name, code, detail }) => ({
      ...{ ...base, sha256, name, code, detail: detail ?? null, state: 'refused' as const },
    })),
  ];
  if (rows.length > 0) await tx.insert(exchangeTicketFiles).values(rows).onConflictDoNothing();
};

const ofMessage = (messageId: string) =>
  and(eq(exchangeTicketFiles.messageId, messageId), eq(exchangeTicketFiles.state, 'waiting'));

/** The message was accepted, and its files with it. */
export const acceptFiles = (tx: Tx, messageId: string): Promise<unknown> =>
  tx.update(exchangeTicketFiles).set({ state: 'accepted' }).where(ofMessage(messageId));

/** The message is not said any more: its files go with the next. */
export const freeFiles = (tx: Tx, messageId: string): Promise<unknown> =>
  tx.delete(exchangeTicketFiles).where(ofMessage(messageId));

/** The platform does not take that one: the message goes, or went, without it. */
export const refuseFile = (
  tx: Tx,
  of: { readonly messageId: string; readonly sha256: string; readonly code: string; readonly detail: string },
): Promise<unknown> =>
  tx
    .update(exchangeTicketFiles)
    .set({ state: 'refused', code: of.code, detail: of.detail.slice(0, 500) })
    .where(and(eq(exchangeTicketFiles.messageId, of.messageId), eq(exchangeTicketFiles.sha256, of.sha256)));

/** What the platform sent with a ticket so far. */
export const filesOfLink = (tx: Tx, linkId: string): Promise<LinkFile[]> =>
  tx
    .select({
      ...{ sha256: exchangeTicketFiles.sha256, name: exchangeTicketFiles.name },
      ...{ bytes: exchangeTicketFiles.bytes, mediaType: exchangeTicketFiles.mediaType },
    })
    .from(exchangeTicketFiles)
    .where(
      and(
        eq(exchangeTicketFiles.linkId, linkId),
        eq(exchangeTicketFiles.direction, 'in'),
        eq(exchangeTicketFiles.state, 'accepted'),
      ),
    )
    .orderBy(exchangeTicketFiles.at, exchangeTicketFiles.name);

/** For the log: the files of one message. */
export const filesOfMessage = (tx: Tx, messageId: string) =>
  tx
    .select({
      ...{ sha256: exchangeTicketFiles.sha256, name: exchangeTicketFiles.name, state: exchangeTicketFiles.state },
      ...{ code: exchangeTicketFiles.code, detail: exchangeTicketFiles.detail, bytes: exchangeTicketFiles.bytes },
    })
    .from(exchangeTicketFiles)
    .where(eq(exchangeTicketFiles.messageId, messageId))
    .orderBy(exchangeTicketFiles.name, exchangeTicketFiles.sha256);
