import { z } from '@hono/zod-openapi';

export const backupHealthStates = ['ok', 'never', 'late', 'failed', 'log_lost', 'off'] as const;
export const backupStates = ['running', 'written', 'verified', 'failed', 'removed'] as const;

const fault = z.object({ what: z.string(), expected: z.string(), found: z.string() });

export const backupSchema = z
  .object({
    id: z.uuid(),
    kind: z.enum(['files', 'dump']),
    /** `verified`: restored on this machine and found equal. `written`: not restored yet. */
    state: z.enum(backupStates),
    reason: z.enum(['schedule', 'person', 'command']),
    requestedBy: z.string().nullable(),
    file: z.string().nullable(),
    bytes: z.number().int().nullable(),
    databaseBytes: z.number().int().nullable(),
    blobCount: z.number().int().nullable(),
    blobBytes: z.number().int().nullable(),
    startedAt: z.iso.datetime(),
    writtenAt: z.iso.datetime().nullable(),
    checkedAt: z.iso.datetime().nullable(),
    check: z
      .object({
        ok: z.boolean(),
        faults: z.array(fault),
        migrations: z.number().int(),
        tables: z.number().int(),
        indexes: z.number().int(),
        restoreMs: z.number(),
        checkMs: z.number(),
      })
      .nullable(),
    error: z.object({ code: z.string(), message: z.string(), hint: z.string().nullable() }).nullable(),
  })
  .openapi('Backup');
export type BackupDto = z.infer<typeof backupSchema>;

export const backupHealthSchema = z
  .object({
    /** `never`: none yet; `late`: the newest good one is older than the limit; `failed`: the newest went wrong. */
    state: z.enum(backupHealthStates),
    mode: z.enum(['files', 'dump', 'off']),
    folder: z.string(),
    keyFile: z.string(),
    /** The key lies in the same folder as the data, or as the backups: one theft or one fire takes both. */
    keyBesideData: z.boolean(),
    folderBesideData: z.boolean(),
    schedule: z.string(),
    keepDaily: z.number().int(),
    keepWeekly: z.number().int(),
    maxAgeHours: z.number().int(),
    newestVerifiedAt: z.iso.datetime().nullable(),
    /** A restore to any moment up to here is possible; null without a log. */
    logArchivedAt: z.iso.datetime().nullable(),
  })
  .openapi('BackupHealth');
export type BackupHealth = z.infer<typeof backupHealthSchema>;
