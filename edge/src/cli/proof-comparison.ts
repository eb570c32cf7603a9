import type { UnitProof } from '@hallhub/shared/proof';
import type { OwnProof } from '../proof/own-proof.js';

export interface Finding {
  readonly verdict: 'ok' | 'pending' | 'different' | 'unknown';
  readonly text: string;
}

const number = (n: number): string => n.toLocaleString('en-US');

/** Hours where the cloud has another count or chain than this disk: neither end's word is taken for the other's. */
export const differences = (own: OwnProof, cloud: UnitProof): string[] => {
  const theirs = new Map(cloud.hours.map((hour) => [`${hour.lane} ${hour.epoch} ${hour.hour}`, hour]));
  const found: string[] = [];
  for (const hour of own.hours) {
    if (hour.state === 'open') continue;
    const other = theirs.get(`${hour.lane} ${hour.epoch} ${hour.hour}`);
    const at = `${hour.lane} ${new Date(hour.hour).toISOString().slice(0, 13)}:00Z`;
    // The cloud heard another seal than the one that lies here.
    if (other?.unit && (other.unit.chain !== hour.chain || other.unit.count !== hour.count)) {
      found.push(`${at}: the seal the cloud was told is not the one on this disk`);
    } else if (other?.state === 'different') {
      found.push(`${at}: ${number(hour.count)} written, ${number(other.cloud?.count ?? 0)} in the cloud`);
    }
  }
  return found;
};

/** What can be said, in one line. */
export const findingOf = (own: OwnProof, cloud: UnitProof | undefined): Finding => {
  const broken = own.lanes.find(({ brokenAt }) => brokenAt !== null);
  if (broken) {
    const text = `DAMAGED HERE: row ${broken.brokenAt} of the lane ${broken.lane} is not what was written.`;
    return { verdict: 'different', text };
  }
  const produced = own.hours.filter(({ state }) => state !== 'open').reduce((sum, { count }) => sum + count, 0);
  const open = own.hours.some(({ state }) => state === 'open');
  if (!cloud) {
    const waiting = own.lanes.reduce((sum, { kept }) => sum + kept, 0);
    const text = `Here: ${number(produced)} rows sealed, ${number(waiting)} still to go up, every one of them intact. What the cloud has of them cannot be known without it.`;
    return { verdict: 'unknown', text };
  }
  const { figures: f } = cloud;
  const sum = `produced ${number(f.produced)} = stored ${number(f.stored)} + aside ${number(f.aside)}${f.thinned > 0 ? ` + thinned ${number(f.thinned)}` : ''}; lost ${number(f.lost)}; twice ${number(f.twice)}`;
  if (differences(own, cloud).length > 0 || cloud.verdict === 'different') {
    return { verdict: 'different', text: `DIFFERENT: ${sum}` };
  }
  const untold = own.hours.some(({ state }) => state === 'closed');
  if (cloud.verdict === 'pending' || open || untold) {
    return { verdict: 'pending', text: `So far ${sum}; not everything of that day is sealed or there yet.` };
  }
  if (cloud.verdict === 'none' && produced === 0) return { verdict: 'ok', text: 'Nothing was written on that day.' };
  return { verdict: 'ok', text: `PROVEN: ${sum}` };
};
