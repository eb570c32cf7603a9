import { uuidv7 } from '@hallhub/shared';
import {
  type ExchangeContent,
  type ExchangeState,
  isDeciding,
  isExchangeRefused,
  mayAct,
  nextExchangeState,
} from '@hallhub/shared/exchange';
import type { Tx } from '../../../db/index.js';
import type { Sealing } from '../../pki/sealing.js';
import { sealBody } from '../channel/message-seal.js';
import { noteFiles } from '../files/link-files.js';
import { foreseen, nextPos, openMessages, writeLink } from '../link-book.js';
import { exchangeMessages, type LinkRow } from '../tables.js';

/**
 * Puts what this end says about a ticket into the outbox, in the ticket’s own transaction; the link must be locked. Undefined where
 * it cannot be said now: not by this side, or the exchange has gone on without it. Returns the link as it then stands.
 */
export const appendMessage = async (
  tx: Tx,
  of: { readonly sealing: Sealing; readonly link: LinkRow; readonly content: ExchangeContent; readonly at: Date },
): Promise<LinkRow | undefined> => {
  const { sealing, link, content, at } = of;
  const { act } = content;
  if (!mayAct(link.owner, 'hub', act)) return undefined;
  const before = foreseen(link, await openMessages(tx, link.id));
  const next = nextExchangeState(before, act, 'granted' in content ? { granted: content.granted } : {});
  if (isExchangeRefused(next)) return undefined;
  const pos = await nextPos(tx, link.id);
  await insertMessage(tx, { sealing, link, content, pos, at });
  return link.owner === 'hub' ? ownersBook(tx, { link, next, act, pos, at }) : link;
};

/** The owner’s book goes on at once: it decides. */
const ownersBook = (
  tx: Tx,
  of: { link: LinkRow; next: ExchangeState; act: ExchangeContent['act']; pos: number; at: Date },
): Promise<LinkRow> =>
  writeLink(tx, of.link, { ...of.next, ...(isDeciding(of.act) ? { lastWord: of.pos } : {}) }, of.at);

export const insertMessage = async (
  tx: Tx,
  of: {
    readonly sealing: Sealing;
    readonly link: LinkRow;
    readonly content: ExchangeContent;
    readonly pos: number;
    readonly at: Date;
    /** It waits for a person instead of being sent. */
    readonly failed?: { readonly code: string; readonly detail: string };
  },
): Promise<void> => {
  const { sealing, link, content, pos, at, failed } = of;
  const id = uuidv7();
  await tx.insert(exchangeMessages).values({
    ...{ id, tenantId: link.tenantId, channelId: link.channelId, linkId: link.id, direction: 'out', messageId: id },
    ...{ owner: link.owner, number: link.number, act: content.act, pos, madeAt: at },
    ...(failed ? { state: 'failed', ...failed } : { state: 'waiting', nextAt: at }),
    body: sealBody(sealing, id, JSON.stringify(content)),
  });
  const files = content.files.map((file) => ({ ...file, bytes: null, mediaType: null }));
  await noteFiles(tx, { link, messageId: id, direction: 'out', at, files, left: content.left ?? [] });
};
