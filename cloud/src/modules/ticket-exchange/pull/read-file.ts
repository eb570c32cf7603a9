import { maxExchangeFileBytes } from '@hallhub/shared/exchange';
import { withTenant } from '../../../db/index.js';
import type { ExchangeDeps } from '../exchange-deps.js';
import { Refused } from '../receive/refused.js';
import type { ChannelRow } from '../tables.js';

/** An attachment of a ticket that goes between the two. Throws `Refused`: `no_such_file`, also for any other file of the hub’s. */
export const readFile = async (
  { database, blobs }: ExchangeDeps,
  channel: ChannelRow,
  sha256: string,
): Promise<object> => {
  const { rows } = await withTenant(
    database,
    channel,
    (tx) =>
      tx.$client.query<{ name: string; media_type: string | null }>(
        `SELECT f.name, coalesce(f.media_type, (SELECT t.media_type FROM ticket_files t WHERE t.tenant_id = f.tenant_id AND t.sha256 = f.sha256 LIMIT 1)) AS media_type
         FROM exchange_ticket_files f JOIN exchange_tickets k ON k.tenant_id = f.tenant_id AND k.id = f.link_id
         WHERE k.channel_id = $1 AND f.sha256 = $2 AND f.state <> 'refused' LIMIT 1`,
        [channel.id, sha256],
      ),
    { readOnly: true },
  );
  const [row] = rows;
  const key = { tenantId: channel.tenantId, sha256 };
  const bytes = row && (await blobs.stat(key));
  if (!row || bytes === undefined || bytes > maxExchangeFileBytes) {
    throw new Refused('no_such_file', 'There is no such file');
  }
  const parts: Buffer[] = [];
  for await (const part of await blobs.open(key)) parts.push(part as Buffer);
  const content = Buffer.concat(parts).toString('base64');
  return { v: 1, sha256, name: row.name, mediaType: row.media_type ?? 'application/octet-stream', bytes, content };
};
