import { uuidv7 } from '@hallhub/shared';
import type { ExchangeLeft, ExchangeMessage } from '@hallhub/shared/exchange';
import type { TicketField, TicketKind } from '@hallhub/shared/ticket';
import type { Tx } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { doerOf } from '../../tickets/store/ticket-world.js';
import { Refused } from '../receive/refused.js';
import type { ChannelRow } from '../tables.js';
import type { LinkFile } from './link-files.js';
import { safeFileName } from './safe-name.js';

/** Of one ticket, as the tickets have it. */
const mostOfTicket = 200;

export interface Brought {
  readonly files: readonly LinkFile[];
  /** Named by the message, and refused when they were sent. */
  readonly left: readonly (ExchangeLeft & { readonly detail?: string | null })[];
}

interface Known {
  sha256: string;
  bytes: number;
  media_type: string;
  name: string;
  refused: string | null;
  detail: string | null;
}

/** What a message names, as it came before. Throws `Refused` (`no_such_file`) where one never did. */
export const filesOf = async (
  tx: Tx,
  { channel, message, at }: { readonly channel: ChannelRow; readonly message: ExchangeMessage; readonly at: Date },
): Promise<Brought> => {
  const wanted = new Map(message.files.map((file) => [file.sha256, file]));
  const left = new Map<string, Brought['left'][number]>((message.left ?? []).map((one) => [one.sha256, one]));
  if (wanted.size === 0) return { files: [], left: [...left.values()] };
  const { rows } = await tx.$client.query<Known>(
    `UPDATE exchange_files SET at = $3 WHERE channel_id = $1 AND direction = 'in' AND sha256 = ANY($2)
     RETURNING sha256, bytes, media_type, name, refused, detail`,
    [channel.id, [...wanted.keys()], at],
  );
  const known = new Map(rows.map((row) => [row.sha256, row]));
  const files: LinkFile[] = [];
  for (const { sha256, name } of wanted.values()) {
    const row = known.get(sha256);
    if (!row) throw new Refused('no_such_file', `Send the file ${sha256} first`);
    if (row.refused) left.set(sha256, { sha256, name: row.name, code: row.refused, detail: row.detail });
    else files.push({ sha256, name: safeFileName(name), bytes: row.bytes, mediaType: row.media_type });
  }
  return { files, left: [...left.values()] };
};

/** Files as a ticket’s that is yet to be made: its field names them. Returns their ids. */
export const sendAhead = (
  tx: Tx,
  ctx: VerbContext,
  of: { readonly files: readonly LinkFile[]; readonly field: string },
): Promise<readonly string[]> => insert(tx, ctx, { ...of, ticketId: null });

/** The field that the mapping names for files, where the kind has it. */
export const filesField = ({ fields }: Pick<TicketKind, 'fields'>, key: string | undefined) => {
  const field = fields.find((one) => one.key === key);
  return field?.type === 'files' ? field : undefined;
};

/** Files come by their hashes: an id that a platform says could only be of somebody else’s. */
export const withoutFileIds = <T>(
  { fields: known }: Pick<TicketKind, 'fields'>,
  fields: Readonly<Record<string, T>>,
): Record<string, T> => {
  const ofFiles = new Set(known.flatMap(({ key, type }) => (type === 'files' || type === 'signature' ? [key] : [])));
  return Object.fromEntries(Object.entries(fields).filter(([key]) => !ofFiles.has(key)));
};

/** Where a file stands that the field has no room for: beside it, but no less personal. */
export const besideOf = (field: Pick<TicketField, 'key' | 'personal'> | undefined): string | null =>
  field?.personal ? field.key : null;

/** Files to a ticket, once each; what it has already, or has no room for, is left. */
export const attach = async (
  tx: Tx,
  ctx: VerbContext,
  {
    ticketId,
    field,
    files,
  }: { readonly ticketId: string; readonly field: string | null; readonly files: readonly LinkFile[] },
): Promise<void> => {
  if (files.length === 0) return;
  const { rows } = await tx.$client.query<{ sha256: string }>(
    'SELECT sha256 FROM ticket_files WHERE tenant_id = $1 AND ticket_id = $2',
    [ctx.actor.tenantId, ticketId],
  );
  const there = new Set(rows.map(({ sha256 }) => sha256));
  const fresh = files.filter(({ sha256 }) => !there.has(sha256)).slice(0, Math.max(0, mostOfTicket - rows.length));
  await insert(tx, ctx, { ticketId, field, files: fresh });
};

const insert = async (
  tx: Tx,
  ctx: VerbContext,
  of: { readonly ticketId: string | null; readonly field: string | null; readonly files: readonly LinkFile[] },
): Promise<readonly string[]> => {
  const ids = of.files.map(() => uuidv7());
  if (ids.length === 0) return ids;
  const { tenantId, userName } = ctx.actor;
  await tx.$client.query(
    `INSERT INTO ticket_files (tenant_id, id, ticket_id, field, name, media_type, size_bytes, sha256, made_at, made_by, made_by_name)
     SELECT $1, x.id, $2, $3, x.name, x.media_type, x.bytes, x.sha256, $4, $5, $6
     FROM unnest($7::uuid[], $8::text[], $9::text[], $10::bigint[], $11::text[]) AS x(id, name, media_type, bytes, sha256)`,
    [
      ...[tenantId, of.ticketId, of.field, new Date(ctx.clock.now()), doerOf(ctx.actor), userName],
      ...[ids, of.files.map(({ name }) => name), of.files.map(({ mediaType }) => mediaType)],
      ...[of.files.map(({ bytes }) => bytes), of.files.map(({ sha256 }) => sha256)],
    ],
  );
  return ids;
};
