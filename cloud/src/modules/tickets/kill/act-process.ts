import { isHubError, systemClock } from '@hallhub/shared';
import pg from 'pg';
import { folderBlobStore } from '../../../blobs/index.js';
import { type Database, silentLogger, withTenant } from '../../../db/index.js';
import { systemActor } from '../../access/actor.js';
import type { VerbContext } from '../../access/verb-context.js';
import { noticeHook } from '../../notices/notice-hook.js';
import { createSealing } from '../../pki/sealing.js';
import { statisticsHook } from '../../ticket-statistics/index.js';
import { actOnTicket } from '../act-on-ticket.js';
import { openTickets } from '../index.js';
import { makeTicket } from '../make-ticket.js';
import { commandOf, type Party } from '../offer-command.js';
import { request } from '../testing.js';
import { registerTicketHook } from '../ticket-hooks.js';
import { readTicket } from '../verbs/read-ticket.js';
import { witnessHook } from './witness-hook.js';

export interface ActOrder {
  readonly app: pg.PoolConfig;
  readonly folder: string;
  readonly tenantId: string;
  readonly parties: readonly Party[];
  /** Only makes tickets of that kind and does their first step, which begins others; else anything. */
  readonly begins?: string;
}

const atOnce = 6;

/** For tests: makes tickets and acts on any, several at once, until it is killed. */
process.once('message', ({ app, folder, tenantId, parties, begins }: ActOrder) => {
  const pool = new pg.Pool({ ...app, max: atOnce, pipeline: true });
  const database = { appPool: pool, ownerPool: pool } as unknown as Database;
  const live = { publish: () => {} };
  const sealing = createSealing('test-secret-of-32-characters-or-more');
  openTickets({
    ...{ database, clock: systemClock, live, sealing, log: silentLogger },
    ...{ blobs: folderBlobStore(folder), uploadsDir: folder },
  });
  for (const hook of [statisticsHook, noticeHook, witnessHook]) registerTicketHook(database, hook);
  const ctx: VerbContext = { db: database, clock: systemClock, live, actor: systemActor(tenantId), request: null };
  for (let i = 0; i < atOnce; i++) void work(() => (begins === undefined ? step(ctx, parties) : begin(ctx, begins)));
  process.send?.('ready');
});
process.once('disconnect', () => process.exit(0));

/** What others were faster at is nobody's fault; anything else is told, and fails the test. */
const isUsual = (error: unknown): boolean =>
  isHubError(error, 'conflict') || isHubError(error, 'precondition_failed') || isHubError(error, 'not_found');

const work = async (once: () => Promise<void>): Promise<void> => {
  for (;;) {
    try {
      await once();
    } catch (error) {
      if (!isUsual(error))
        process.send?.({
          failed: error instanceof Error ? (error.stack ?? error.message).slice(0, 600) : String(error),
        });
    }
  }
};

const step = async (ctx: VerbContext, parties: readonly Party[]): Promise<void> => {
  const inside = <T>(fn: Parameters<typeof withTenant<T>>[2]) => withTenant(ctx.db, ctx.actor, fn);
  const { rows } = await inside((tx) =>
    tx.$client.query<{ id: string }>('SELECT id FROM tickets ORDER BY random() LIMIT 2'),
  );
  const [one, other] = rows;
  if (!one || Math.random() < 0.15) {
    const parentId = one && Math.random() < 0.3 ? one.id : null;
    await inside((tx) => makeTicket(tx, ctx, { ...request({ parentId }), source: 'api' }));
    return;
  }
  const ticketId = one.id;
  if (other && Math.random() < 0.1) {
    const command = { do: 'mergeInto', ticket: other.id, opinion: '同一件事' } as const;
    await inside((tx) => actOnTicket(tx, ctx, { ticketId, command }));
    return;
  }
  const page = await readTicket(ctx, { ticketId });
  const offer = page.offers[Math.floor(Math.random() * page.offers.length)];
  const command = offer && commandOf(offer, page, parties);
  if (command) await inside((tx) => actOnTicket(tx, ctx, { ticketId, seq: page.seq, command }));
};

const begin = async (ctx: VerbContext, kind: string): Promise<void> => {
  const inside = <T>(fn: Parameters<typeof withTenant<T>>[2]) => withTenant(ctx.db, ctx.actor, fn);
  const { id } = await inside((tx) =>
    makeTicket(tx, ctx, { ...request({ kind, fields: { title: '取号机坏了' } }), source: 'api' }),
  );
  const { tasks } = await readTicket(ctx, { ticketId: id });
  const command = { do: 'submit', task: tasks[0]?.id ?? '', action: 'go', fields: {} } as const;
  await inside((tx) => actOnTicket(tx, ctx, { ticketId: id, command }));
};
