import type { UnitProof } from '@hallhub/shared/proof';
import type { DrillLook, DrillReport } from './drill-contract.js';

export interface DrillEvidence {
  readonly before: DrillLook;
  /** When the fault was over. */
  readonly atEnd: DrillLook;
  readonly cloudBefore: UnitProof | undefined;
  readonly cloudAfter: UnitProof | undefined;
  readonly isCaughtUp: boolean;
}

/** Rows of this drill by both ends: positions in each lane's chain, what the cloud has confirmed of them, and its figures of the day. */
export const reckonDrill = (evidence: DrillEvidence): Pick<DrillReport, 'rows' | 'verdict' | 'text'> => {
  const { before, atEnd, cloudBefore, cloudAfter, isCaughtUp } = evidence;
  let [produced, committed, isRenumbered] = [0, 0, false];
  for (const lane of atEnd.lanes) {
    const from = before.lanes.find((one) => one.lane === lane.lane && one.epoch === lane.epoch);
    if (!from) isRenumbered = true;
    const first = from?.head ?? 0;
    produced += lane.head - first;
    const there = cloudAfter?.streams.find((one) => one.lane === lane.lane && one.epoch === lane.epoch)?.cursor ?? 0;
    committed += Math.max(0, Math.min(there, lane.head) - first);
  }
  if (!cloudAfter || !cloudBefore) {
    const rows = { produced, committed: 0, aside: null, thinned: null, lost: null, twice: null };
    const text = `${number(produced)} rows produced; the cloud could not be asked what it has of them`;
    return { rows, verdict: 'one-end', text };
  }
  const grown = (key: 'aside' | 'thinned' | 'lost' | 'twice') =>
    Math.max(0, cloudAfter.figures[key] - cloudBefore.figures[key]);
  const open = openHours(cloudAfter);
  const [aside, thinned] = [grown('aside'), grown('thinned')];
  const [lost, twice] = [grown('lost') + open.missing, grown('twice') + open.twice];
  const rows = { produced, committed: committed - aside - thinned, aside, thinned, lost, twice };
  const sum = `produced ${number(produced)} = committed ${number(rows.committed)} + aside ${number(aside)}${thinned > 0 ? ` + thinned ${number(thinned)}` : ''}; lost ${number(lost)}; twice ${number(twice)}`;
  if (!isCaughtUp || committed < produced) {
    return {
      rows,
      verdict: 'late',
      text: `not everything has arrived: ${number(committed)} of ${number(produced)} rows`,
    };
  }
  if (lost > 0 || twice > 0 || isRenumbered) return { rows, verdict: 'different', text: `DIFFERENT: ${sum}` };
  return { rows, verdict: 'proven', text: `PROVEN: ${sum}` };
};

/** Hours that are not sealed yet: a run of rows without a hole has as many rows as places. */
const openHours = ({ hours }: UnitProof): { missing: number; twice: number } => {
  let [missing, twice] = [0, 0];
  for (const { unit, cloud } of hours) {
    if (unit || !cloud) continue;
    const places = cloud.lastSeq - cloud.firstSeq + 1;
    missing += Math.max(0, places - cloud.count);
    twice += Math.max(0, cloud.count - places);
  }
  return { missing, twice };
};

const number = (n: number): string => n.toLocaleString('en-US');
