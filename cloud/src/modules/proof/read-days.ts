import type { Tx } from '../../db/index.js';
import type { ProofUnit } from './proof-units.js';
import { daySpans, type ProofOfDay, proofOfDay, readProofRows } from './read-proof.js';

/** Units whose rows are read at once: a month of them is about 100,000 seals. */
const unitsAtOnce = 40;

/** The days from `from` to `to` (both included, each in its unit's zone) of each unit; days without a row are `none`. */
export const readDays = async (
  tx: Tx,
  of: { readonly tenantId: string; readonly units: readonly ProofUnit[]; readonly from: string; readonly to: string },
): Promise<Map<string, ProofOfDay[]>> => {
  const zones = new Map<string, ProofUnit[]>();
  for (const unit of of.units) zones.set(unit.timeZone, [...(zones.get(unit.timeZone) ?? []), unit]);
  const days = new Map<string, ProofOfDay[]>();
  for (const [timeZone, units] of zones) {
    const spans = await daySpans(tx, timeZone, of.from, of.to);
    const [first, last] = [spans[0], spans.at(-1)];
    if (!first || !last) continue;
    for (let i = 0; i < units.length; i += unitsAtOnce) {
      const unitIds = units.slice(i, i + unitsAtOnce).map(({ unitId }) => unitId);
      const rows = await readProofRows(tx, {
        ...{ tenantId: of.tenantId, unitIds, fromMs: first.fromMs, toMs: last.toMs },
      });
      for (const unitId of unitIds) {
        days.set(
          unitId,
          spans.map((span) => proofOfDay(rows, unitId, span)),
        );
      }
    }
  }
  return days;
};

const order = ['different', 'pending', 'thinned', 'proven', 'none'] as const;

/** Several days are as good as the worst of them. */
export const worstVerdict = (verdicts: Iterable<ProofOfDay['verdict']>): ProofOfDay['verdict'] => {
  const found = new Set(verdicts);
  return order.find((verdict) => found.has(verdict)) ?? 'none';
};
