import type { PointDictionary } from './points.js';
import { qualityCode, type SampleValue, toStored } from './sample-value.js';
import { hourStart } from './time-grid.js';

/** One `sample` row of the wire, its time corrected. */
export interface SampleInput {
  readonly deviceId: string;
  /** Corrected unit time, epoch ms. */
  readonly at: number;
  readonly seq: number;
  readonly values: Readonly<Record<string, SampleValue>>;
  readonly quality?: Readonly<Record<string, 'uncertain' | 'bad'>> | undefined;
}

/** Values in columns, as `unnest` wants them. */
export class SampleColumns {
  readonly at: number[] = [];
  readonly seq: number[] = [];
  readonly number: (number | null)[] = [];
  readonly pointId: number[] = [];
  readonly kind: number[] = [];
  readonly quality: number[] = [];
  readonly text: (string | null)[] = [];
  hasText = false;

  /** False, and no more of them taken, at the first point that is not known yet. */
  take(points: PointDictionary, tenantId: string, samples: readonly SampleInput[]): boolean {
    for (const { deviceId, at, seq, values, quality } of samples) {
      const known = points.of(tenantId, deviceId);
      for (const property in values) {
        const pointId = known.get(property);
        if (pointId === undefined) return false;
        const stored = toStored(values[property] ?? null);
        this.at.push(at);
        this.seq.push(seq);
        this.pointId.push(pointId);
        this.kind.push(stored.kind);
        this.number.push(stored.number);
        this.text.push(stored.text);
        this.quality.push(qualityCode(quality?.[property]));
        if (stored.text !== null) this.hasText = true;
      }
    }
    return true;
  }

  /** How many there are in `[from, to)` by the hour of their time, epoch ms. */
  countHours(from: number, to: number): Map<number, number> {
    const hours = new Map<number, number>();
    for (let i = from; i < to; i++) {
      const hour = hourStart(this.at[i] as number);
      hours.set(hour, (hours.get(hour) ?? 0) + 1);
    }
    return hours;
  }

  pointsByHour(): Map<number, Set<number>> {
    const hours = new Map<number, Set<number>>();
    for (let i = 0; i < this.at.length; i++) {
      const hour = hourStart(this.at[i] as number);
      const points = hours.get(hour) ?? new Set();
      hours.set(hour, points.add(this.pointId[i] as number));
    }
    return hours;
  }

  /** Where each point's newest value stands, in order of point. */
  newestOfPoints(): number[] {
    const newest = new Map<number, number>();
    for (let i = 0; i < this.at.length; i++) {
      const pointId = this.pointId[i] as number;
      const best = newest.get(pointId);
      if (best === undefined || this.#isNewer(i, best)) newest.set(pointId, i);
    }
    return [...newest.entries()].sort((a, b) => a[0] - b[0]).map(([, i]) => i);
  }

  #isNewer(a: number, b: number): boolean {
    const [atA, atB] = [this.at[a] as number, this.at[b] as number];
    return atA === atB ? (this.seq[a] as number) > (this.seq[b] as number) : atA > atB;
  }
}
