import { z } from '@hono/zod-openapi';
import { withTenant } from '../db/index.js';
import { type AnyRoute, defineRoute } from '../http/route.js';
import { audit } from '../modules/audit/audit.js';
import { toBackupDto } from './backup-ledger.js';
import type { Backups } from './backups.js';
import { backupHealthSchema, backupSchema } from './contract.js';

export interface BackupRouteDeps {
  readonly backups: Pick<Backups, 'ledger' | 'health'>;
  /** Queues one run over all processes; null where one waits already. */
  readonly send: (data: object) => Promise<string | null>;
}

const newest = 60;

export const backupRoutes = ({ backups, send }: BackupRouteDeps): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/backups',
    right: 'backup.read',
    tag: 'Backups',
    summary: 'Backups of this installation, newest first, and whether all is well with them',
    response: z.object({ health: backupHealthSchema, items: z.array(backupSchema) }),
    handler: async ({ ctx }) => {
      ctx.actor.require('backup.read', 'tenant');
      const [health, rows] = await Promise.all([backups.health(), backups.ledger.newest(newest)]);
      return { health, items: rows.map(toBackupDto) };
    },
  }),
  defineRoute({
    method: 'post',
    path: '/backups',
    right: 'backup.run',
    tag: 'Backups',
    summary: 'Take a backup now, restore it beside, and compare',
    description: '`queued` false: one waits already.',
    status: 202,
    response: z.object({ queued: z.boolean() }),
    handler: async ({ ctx }) => {
      ctx.actor.require('backup.run', 'tenant');
      await withTenant(ctx.db, ctx.actor, (tx) =>
        audit(tx, ctx, { action: 'backup.requested', target: { kind: 'backup', id: null } }),
      );
      return { queued: (await send({ by: ctx.actor.userName })) !== null };
    },
  }),
];
