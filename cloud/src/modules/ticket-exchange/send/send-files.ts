import { uuidv7 } from '@hallhub/shared';
import { type ExchangeMessage, exchangeRefusals } from '@hallhub/shared/exchange';
import { eq } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import { sealBody } from '../channel/message-seal.js';
import type { ExchangeDeps } from '../exchange-deps.js';
import { refuseFile } from '../files/link-files.js';
import { exchangeAttempts, exchangeMessages } from '../tables.js';
import { callPeer, type PeerReply, readAnswer } from './call-peer.js';
import { type DueMessage, hashOf, keepLease, leaseMs } from './take-due.js';
import type { Turnstile } from './turnstile.js';

/** What a line carries at the least: 32 KiB a second. */
const leastBytesPerMs = 32;
const leastMs = 30_000;
const queueMs = 5 * 60_000;

/** The message as it goes now; or a file could not be sent, and so the message does not go either. */
export type Prepared = { readonly body: string } | { readonly reply: PeerReply };

type File = ExchangeMessage['files'][number];
type Refusal = { readonly code: string; readonly detail: string };

/**
 * The files that a message names go before it, once each; one that breaks off is sent from its beginning with the next try. What the
 * platform refuses for good is left out of the message, which says so: nobody has accepted it yet.
 */
export const sendFiles = async (
  deps: ExchangeDeps,
  due: DueMessage,
  { signal, turnstile }: { readonly signal: AbortSignal; readonly turnstile: Pick<Turnstile, 'pass'> },
): Promise<Prepared> => {
  const { files } = JSON.parse(due.body) as Pick<ExchangeMessage, 'files'>;
  let { body } = due;
  for (const file of files) {
    if (await isThere(deps, due, file.sha256)) continue;
    // Waiting for its turn counts too.
    await keepLease(deps, due, queueMs);
    const sent = await turnstile.pass(() => sendFile(deps, due, { file, signal }));
    if ('reply' in sent) return sent;
    if ('code' in sent) body = await leaveOut(deps, due, { body, file, refusal: sent });
  }
  return { body };
};

const sendFile = async (
  deps: ExchangeDeps,
  due: DueMessage,
  { file, signal }: { readonly file: File; readonly signal: AbortSignal },
): Promise<{ readonly reply: PeerReply } | Refusal | { readonly isSent: true }> => {
  const { sha256, name } = file;
  const content = await readWhole(deps, due.channel.tenantId, sha256);
  if (!content) return { code: 'gone', detail: 'The file is no longer here' };
  const body = JSON.stringify({ v: 1, sha256, name, content: content.toString('base64') });
  const timeoutMs = leastMs + Math.ceil(body.length / leastBytesPerMs);
  await keepLease(deps, due, timeoutMs + leaseMs);
  const reply = await callPeer(deps, due.channel, { method: 'POST', path: '/files', body, timeoutMs, signal });
  const taken = reply.problem === null ? (reply.json as { result?: string } | null)?.result : undefined;
  if (taken === 'accepted' || taken === 'repeated') {
    await withTenant(deps.database, due.channel, (tx) =>
      tx.$client.query(
        `INSERT INTO exchange_files (tenant_id, channel_id, direction, sha256, name, bytes, at) VALUES ($1, $2, 'out', $3, $4, $5, $6)
         ON CONFLICT (tenant_id, channel_id, direction, sha256) DO UPDATE SET at = excluded.at`,
        [due.channel.tenantId, due.channel.id, sha256, name, content.length, new Date(deps.clock.now())],
      ),
    );
    return { isSent: true };
  }
  const answer = readAnswer(reply);
  if (answer?.result === 'refused' && isForGood(answer.code)) {
    await noteRefused(deps, due, { reply, code: answer.code, detail: `${name}: ${answer.detail}` });
    return { code: answer.code, detail: answer.detail };
  }
  const isKnown = answer?.result === 'refused' && answer.code in exchangeRefusals;
  return { reply: isKnown ? reply : { ...reply, json: null, problem: reply.problem ?? 'file_refused' } };
};

/** About the file itself; a signature or a clock is everything’s trouble. */
const isForGood = (code: string): boolean => code === 'invalid' || code === 'too_large' || code === 'unmapped';

const leaveOut = (
  { database, sealing }: ExchangeDeps,
  due: DueMessage,
  of: { readonly body: string; readonly file: File; readonly refusal: Refusal },
): Promise<string> => {
  const { file, refusal } = of;
  const message = JSON.parse(of.body) as ExchangeMessage;
  const body = JSON.stringify({
    ...message,
    files: message.files.filter(({ sha256 }) => sha256 !== file.sha256),
    left: [...(message.left ?? []), { ...file, code: refusal.code }].slice(0, 20),
  });
  return withTenant(database, due.channel, async (tx) => {
    await tx
      .update(exchangeMessages)
      .set({ body: sealBody(sealing, due.id, body), bodyHash: hashOf(body) })
      .where(eq(exchangeMessages.id, due.id));
    await refuseFile(tx, { messageId: due.id, sha256: file.sha256, ...refusal });
    return body;
  });
};

const noteRefused = (
  { database, clock }: ExchangeDeps,
  { channel, id }: DueMessage,
  { reply, code, detail }: { reply: PeerReply; code: string; detail: string },
): Promise<unknown> =>
  withTenant(database, channel, (tx) =>
    tx.insert(exchangeAttempts).values({
      ...{ id: uuidv7(), tenantId: channel.tenantId, channelId: channel.id, message: id, direction: 'out' },
      ...{ at: new Date(clock.now()), tookMs: reply.tookMs, status: reply.status, code, detail: detail.slice(0, 500) },
    }),
  );

const isThere = (deps: ExchangeDeps, { channel }: DueMessage, sha256: string): Promise<boolean> =>
  withTenant(
    deps.database,
    channel,
    async (tx) => {
      const { rowCount } = await tx.$client.query(
        `SELECT 1 FROM exchange_files WHERE channel_id = $1 AND direction = 'out' AND sha256 = $2`,
        [channel.id, sha256],
      );
      return rowCount === 1;
    },
    { readOnly: true },
  );

const readWhole = async ({ blobs }: ExchangeDeps, tenantId: string, sha256: string): Promise<Buffer | undefined> => {
  if ((await blobs.stat({ tenantId, sha256 })) === undefined) return undefined;
  const parts: Buffer[] = [];
  for await (const part of await blobs.open({ tenantId, sha256 })) parts.push(part as Buffer);
  return Buffer.concat(parts);
};
