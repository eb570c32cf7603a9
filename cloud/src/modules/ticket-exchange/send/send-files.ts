import { type ExchangeMessage, exchangeRefusals } from '@hallhub/shared/exchange';
import { withTenant } from '../../../db/index.js';
import type { ExchangeDeps } from '../exchange-deps.js';
import { callPeer, type PeerReply, readAnswer } from './call-peer.js';
import type { DueMessage } from './take-due.js';

/** The files that a message names go before it, once each. A reply: one could not be sent, and so the message is not either. */
export const sendFiles = async (
  deps: ExchangeDeps,
  due: DueMessage,
  signal: AbortSignal,
): Promise<PeerReply | undefined> => {
  const { files } = JSON.parse(due.body) as Pick<ExchangeMessage, 'files'>;
  for (const { sha256, name } of files) {
    if (await isThere(deps, due, sha256)) continue;
    const content = await readWhole(deps, due.channel.tenantId, sha256);
    const body = JSON.stringify({ v: 1, sha256, name, content: content.toString('base64') });
    const reply = await callPeer(deps, due.channel, {
      method: 'POST',
      path: '/files',
      body,
      timeoutMs: 60_000,
      signal,
    });
    const taken = reply.json as { result?: string } | null;
    if (taken?.result !== 'accepted' && taken?.result !== 'repeated') return asMessage(reply);
    await withTenant(deps.database, due.channel, (tx) =>
      tx.$client.query(
        `INSERT INTO exchange_files (tenant_id, channel_id, direction, sha256, name, bytes, at) VALUES ($1, $2, 'out', $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
        [due.channel.tenantId, due.channel.id, sha256, name, content.length, new Date(deps.clock.now())],
      ),
    );
  }
  return undefined;
};

/** Nothing that a file is refused for is the message’s own state: it is tried again, or a person looks. */
const asMessage = (reply: PeerReply): PeerReply => {
  const answer = readAnswer(reply);
  const isKnown = answer?.result === 'refused' && answer.code in exchangeRefusals;
  return isKnown ? reply : { ...reply, json: null, problem: reply.problem ?? 'file_refused' };
};

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

const readWhole = async ({ blobs }: ExchangeDeps, tenantId: string, sha256: string): Promise<Buffer> => {
  const parts: Buffer[] = [];
  for await (const part of await blobs.open({ tenantId, sha256 })) parts.push(part as Buffer);
  return Buffer.concat(parts);
};
