import { Readable } from 'node:stream';
import { type Tx, withSystem, withTenant } from '../../../db/index.js';
import { systemActor } from '../../access/actor.js';
import type { VerbContext } from '../../access/verb-context.js';
import { keepFile } from '../../tickets/files/keep-file.js';
import { openTicket } from '../../tickets/store/change-ticket.js';
import { tried } from '../acts.js';
import type { IntakeDeps } from '../intake-deps.js';

export type SourceDeps = Pick<IntakeDeps, 'database' | 'clock' | 'live' | 'log' | 'evidence'>;

const batchSize = 20;
/** A unit that sends no picture for so long sends none. */
const waitMs = 7 * 86_400_000;

interface Waiting {
  tenant_id: string;
  ticket_id: string;
  evidence_id: string;
  state: string | null;
  sha256: string | null;
  media_type: string | null;
  at: Date;
}

/** Pictures of findings become files of their tickets once they are here: copies, which stay when evidence is taken away by its term. */
export const attachPictures = async (deps: SourceDeps): Promise<number> => {
  const { database: db, clock, live, log } = deps;
  const { rows } = await withSystem(db, (tx) =>
    tx.$client.query<Waiting>(
      `SELECT p.tenant_id, p.ticket_id, p.evidence_id, p.at, e.state, encode(e.stored_sha256, 'hex') AS sha256, e.media_type FROM intake_pictures p
       LEFT JOIN evidence e ON e.tenant_id = p.tenant_id AND e.id = p.evidence_id
       WHERE p.state = 'waiting' AND (e.state IN ('complete', 'missing', 'given_up') OR p.at < $1) ORDER BY p.at LIMIT ${batchSize}`,
      [new Date(clock.now() - waitMs)],
    ),
  );
  let attached = 0;
  for (const one of rows) {
    const ctx: VerbContext = { db, clock, live, request: null, actor: systemActor(one.tenant_id, '自动开单') };
    try {
      const isThere = one.state === 'complete' && one.sha256 !== null && one.media_type?.startsWith('image/');
      const fileId = isThere ? await copy(deps, ctx, one) : null;
      if (await withTenant(db, ctx.actor, (tx) => settle(tx, ctx, one, fileId))) attached += 1;
    } catch (error) {
      log.warn({ err: error, evidenceId: one.evidence_id, ticketId: one.ticket_id }, 'a picture could not be attached');
      // Behind the others, so that one that never succeeds keeps none waiting.
      await withTenant(db, ctx.actor, (tx) =>
        tx.$client.query(
          `UPDATE intake_pictures SET at = at + interval '1 hour' WHERE tenant_id = $1 AND ticket_id = $2 AND evidence_id = $3`,
          [one.tenant_id, one.ticket_id, one.evidence_id],
        ),
      );
    }
  }
  return attached;
};

/** Sent ahead, as people's files are: should the process end here, the sweep of files takes it away again. */
const copy = async (deps: SourceDeps, ctx: VerbContext, one: Waiting): Promise<string> => {
  const content = await deps.evidence.open({ tenantId: one.tenant_id, sha256: one.sha256 ?? '' });
  const extension = one.media_type === 'image/png' ? 'png' : one.media_type === 'image/webp' ? 'webp' : 'jpg';
  const name = `发现画面-${one.evidence_id.slice(-6)}.${extension}`;
  const body = Readable.toWeb(content) as ReadableStream<Uint8Array>;
  return (await keepFile(ctx, body, { ticketId: null, name })).id;
};

/** False: another process was faster, or there is nothing to attach. */
const settle = async (tx: Tx, ctx: VerbContext, one: Waiting, fileId: string | null): Promise<boolean> => {
  const { state, world } = await openTicket(tx, ctx, { ticketId: one.ticket_id, lock: true });
  const { rowCount } = await tx.$client.query(
    `UPDATE intake_pictures SET state = $4, file_id = $5 WHERE tenant_id = $1 AND ticket_id = $2 AND evidence_id = $3 AND state = 'waiting'`,
    [one.tenant_id, one.ticket_id, one.evidence_id, fileId === null ? 'given_up' : 'attached', fileId],
  );
  if (rowCount === 0 || fileId === null) return false;
  const first = world.kind.steps.find(({ id }) => id === world.kind.start);
  const field = world.kind.fields.find(
    ({ key, type, personal }) => type === 'files' && !personal && first?.fields.edit.includes(key),
  );
  if (field?.type === 'files') {
    const step = world.kind.steps.find(({ id }) => id === state.step);
    const task = state.tasks.find(
      (task) =>
        task.step === state.step && task.purpose === 'handle' && (task.state === 'open' || task.state === 'signed'),
    );
    const before = Array.isArray(state.fields[field.key]) ? (state.fields[field.key] as unknown[]) : [];
    const fields = { [field.key]: [...before, fileId] };
    if (task && step?.fields.edit.includes(field.key) && before.length < field.most) {
      if (await tried(tx, ctx, one.ticket_id, { do: 'edit', task: task.id, fields })) return true;
    }
  }
  // The step takes it no more: it is the ticket's all the same.
  await tx.$client.query(
    'UPDATE ticket_files SET ticket_id = $3, field = $4 WHERE tenant_id = $1 AND id = $2 AND ticket_id IS NULL',
    [...[one.tenant_id, fileId, one.ticket_id, field?.key ?? null]],
  );
  return true;
};
