import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HubError, uuidv7 } from '@hallhub/shared';
import type { TicketFile } from '@hallhub/shared/ticket';
import { withTenant } from '../../../db/index.js';
import { principalId } from '../../access/actor.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import { nameOfActor, openTicket } from '../store/change-ticket.js';
import { mostFilesOfTicket } from '../store/claim-files.js';
import { doerOf } from '../store/ticket-world.js';
import { ticketDeps } from '../ticket-deps.js';
import { type FileRow, fileView } from '../view/file-view.js';
import { lockContent } from './lock-content.js';
import { receiveFile } from './receive-file.js';

export interface NewTicketFile {
  /** Null: sent ahead of the ticket whose field will name it. */
  readonly ticketId: string | null;
  readonly name: string;
  readonly field?: string | undefined;
  readonly takenAt?: string | undefined;
  readonly lon?: number | undefined;
  readonly lat?: number | undefined;
}

const mostAhead = 100;
/** At a time, in this process: nobody keeps all others out. */
const mostRunning = 24;
const mostOfOne = 4;
const running: (string | null)[] = [];

/** Takes a file in. Where the ticket is not the sender's to see: `not_found`, before a byte is read. */
export const keepFile = async (
  ctx: VerbContext,
  body: ReadableStream<Uint8Array> | null,
  input: NewTicketFile,
): Promise<TicketFile> => {
  await checkRoom(ctx, input);
  if (!body) throw new HubError('invalid_input', 'There is no file');
  const who = principalId(ctx.actor);
  if (running.length >= mostRunning || running.filter((one) => one === who).length >= mostOfOne) {
    throw new HubError('rate_limited', 'Other files are on their way', { context: { retryAfterMs: 2_000 } });
  }
  running.push(who);
  const { uploadsDir, blobs } = ticketDeps(ctx.db);
  const id = uuidv7();
  const file = join(uploadsDir, `${id}.part`);
  try {
    const { name, mediaType, bytes, sha256 } = await receiveFile(body, { folder: uploadsDir, file, name: input.name });
    return await withTenant(ctx.db, ctx.actor, async (tx) => {
      const { tenantId } = ctx.actor;
      const open = input.ticketId === null ? undefined : await openTicket(tx, ctx, { ticketId: input.ticketId });
      if (input.field !== undefined && open) checkField(open.world.kind.fields, input.field);
      await lockContent(tx, { tenantId, sha256 });
      if ((await blobs.stat({ tenantId, sha256 })) === undefined) await blobs.adopt({ tenantId, sha256 }, file);
      const byName = open ? nameOfActor(ctx, open.world) : ctx.actor.userName;
      const { rows } = await tx.$client.query<FileRow>(
        `INSERT INTO ticket_files (tenant_id, id, ticket_id, field, name, media_type, size_bytes, sha256, made_at, made_by, made_by_name,
           taken_at, lon, lat) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) RETURNING *`,
        [
          ...[tenantId, id, input.ticketId, input.field ?? null, name, mediaType, bytes, sha256],
          ...[new Date(ctx.clock.now()), doerOf(ctx.actor), byName, input.takenAt ?? null],
          ...(input.takenAt === undefined ? [null, null] : [input.lon ?? null, input.lat ?? null]),
        ],
      );
      await audit(tx, ctx, {
        action: 'ticket_file.added',
        target: { kind: 'ticket', id: input.ticketId, name: open?.ticket.number ?? null },
        hallId: open?.ticket.hallId ?? null,
        after: { fileId: id, mediaType, bytes, sha256 },
      });
      return fileView(rows[0] as FileRow);
    });
  } finally {
    running.splice(running.indexOf(who), 1);
    await rm(file, { force: true });
  }
};

const checkField = (fields: readonly { readonly key: string; readonly type: string }[], key: string): void => {
  if (fields.some((field) => field.key === key && (field.type === 'files' || field.type === 'signature'))) return;
  const message = 'There is no such field for files';
  throw new HubError('invalid_input', message, { context: { errors: [{ path: 'query.field', message }] } });
};

const checkRoom = (ctx: VerbContext, { ticketId }: NewTicketFile): Promise<void> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      if (ticketId !== null) await openTicket(tx, ctx, { ticketId });
      const { rows } = await tx.$client.query<{ count: number }>(
        ticketId === null
          ? 'SELECT count(*)::int AS count FROM ticket_files WHERE tenant_id = $1 AND ticket_id IS NULL AND made_by = $2'
          : 'SELECT count(*)::int AS count FROM ticket_files WHERE tenant_id = $1 AND ticket_id = $2',
        [ctx.actor.tenantId, ticketId ?? doerOf(ctx.actor)],
      );
      const most = ticketId === null ? mostAhead : mostFilesOfTicket;
      // The platform itself brings what many requesters send.
      if (ctx.actor.kind !== 'system' && (rows[0]?.count ?? 0) >= most) {
        throw new HubError('conflict', `There are ${most} files at most`, { context: { reason: 'too_many', most } });
      }
    },
    { readOnly: true },
  );
