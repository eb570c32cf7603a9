import type { Clock } from '@hallhub/shared';
import { type Database, type DbLogger, withSystem } from '../../db/index.js';
import type { JobDefinition } from '../../jobs/index.js';
import type { Pki } from '../pki/pki-port.js';
import { anchorAudit } from './anchor-audit.js';
import { sealAudit } from './seal-audit.js';
import { verifyChain } from './verify-chain.js';

export interface AuditJobDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: DbLogger;
  /** Left out: no signed heads. */
  readonly pki?: Pick<Pki, 'sign' | 'verify'>;
}

/** Seal each minute what the sealer after each write missed; sign the heads and read every chain again each night. */
export const auditJobs = ({ db, clock, log, pki }: AuditJobDeps): JobDefinition[] => [
  { name: 'audit.seal', cron: '* * * * *', run: (_data, signal) => sealAudit(db, signal) },
  ...(pki ? [{ name: 'audit.anchor', cron: '7 16 * * *', run: () => anchorAudit({ db, clock, log, pki }) }] : []),
  {
    name: 'audit.verify',
    cron: '21 18 * * *',
    expireInSeconds: 7_200,
    run: async (_data, signal) => {
      const { rows } = await withSystem(db, (tx) => tx.$client.query<{ id: string }>('SELECT id FROM tenants'));
      for (const { id } of rows) {
        const found = await verifyChain({ db, pki, now: () => clock.now(), signal }, id);
        if (!found.ok) log.error({ tenantId: id, problem: found.problem }, 'the audit trail was tampered with');
      }
    },
  },
];
