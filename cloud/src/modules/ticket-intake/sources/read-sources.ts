import type { z } from '@hono/zod-openapi';
import type { Tx } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { intakeSources } from './catalogue.js';
import type { intakeSourceSchema } from './source-contract.js';

const sinceMs = 30 * 86_400_000;

/** What rules may be about, and whether anything of it comes: one of which nothing came opens nothing. */
export const readSources = async (
  tx: Tx,
  ctx: VerbContext,
): Promise<{ items: z.infer<typeof intakeSourceSchema>[] }> => {
  const { tenantId } = ctx.actor;
  const since = new Date(ctx.clock.now() - sinceMs);
  const findings = await tx.$client.query<{ algorithm: string; last_at: Date }>(
    `SELECT algorithm, max(started_at) AS last_at FROM review_findings WHERE tenant_id = $1 AND started_at > $2 GROUP BY algorithm ORDER BY algorithm`,
    [tenantId, since],
  );
  const items = [];
  for (const { id, label, feed, answers, events, classes } of intakeSources) {
    let lastMs = Math.max(0, ...findings.rows.map(({ last_at }) => last_at.getTime()));
    if (feed === 'event') {
      const { rows } = await tx.$client.query<{ at: Date }>(
        // By devices of its classes: each answers from one index, newest first.
        `SELECT max(l.at) AS at FROM devices d CROSS JOIN LATERAL (SELECT e.at FROM device_events e WHERE e.tenant_id = d.tenant_id
           AND e.device_id = d.id AND e.at > $2 AND e.event = ANY($3) ORDER BY e.at DESC, e.id DESC LIMIT 1) l
         WHERE d.tenant_id = $1 AND (cardinality($4::text[]) = 0 OR d.device_class = ANY($4))`,
        [tenantId, since, events, classes],
      );
      lastMs = rows[0]?.at?.getTime() ?? 0;
    }
    items.push({
      ...{ id, label, feed, asksAnswers: answers !== undefined },
      algorithms: feed === 'finding' ? findings.rows.map(({ algorithm }) => algorithm) : [],
      lastAt: lastMs === 0 ? null : new Date(lastMs).toISOString(),
    });
  }
  return { items };
};
