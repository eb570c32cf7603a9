import { uuidv7 } from '@hallhub/shared';
import { z } from 'zod';
import type { Outbox } from '../../outbox/index.js';
import type { Store } from '../../store/index.js';
import type { verdicts } from './faces-contract.js';

export const faceOutcomes = ['same', 'unsure', 'different', 'not_compared', 'failed'] as const satisfies readonly (
  | (typeof verdicts)[number]
  | 'failed'
)[];
export type FaceOutcome = (typeof faceOutcomes)[number];

const sourceKind = z.enum(['file', 'bytes', 'camera']);
const count = z.number().int().min(0);
export const faceDaySchema = z.object({
  day: z.string(),
  ...{ same: count, unsure: count, different: count, not_compared: count, failed: count },
}) satisfies z.ZodType<Record<FaceOutcome, number>>;
export type FaceDay = z.infer<typeof faceDaySchema>;

/** One comparison as it is told afterwards: that it was done, for what, and how it ended. Nothing of a face. */
export const faceRecordSchema = z.object({
  at: z.number(),
  /** Of the hall, `YYYY-MM-DD`. */
  day: z.string(),
  outcome: z.enum(faceOutcomes),
  purpose: z.string(),
  /** Why it was not compared or what failed: codes. */
  reasons: z.array(z.string()),
  person: sourceKind,
  document: sourceKind,
  models: z.array(z.string()),
  /** The camera or kiosk it was done for: its event in the cloud. */
  deviceId: z.string().optional(),
});
export type FaceRecord = z.infer<typeof faceRecordSchema>;

const keptSchema = z.object({ days: z.array(faceDaySchema), records: z.array(faceRecordSchema) });
type Kept = z.infer<typeof keptSchema>;

const key = 'faces.book';
const keptDays = 31;
const keptRecords = 200;

/** Which comparisons were made, over restarts; with a device they are also events of it, in the chain that goes to the cloud. */
export class FaceBook {
  readonly #hub: Store['hub'];
  readonly #outbox: Pick<Outbox, 'append'>;

  constructor(hub: Store['hub'], outbox: Pick<Outbox, 'append'>) {
    this.#hub = hub;
    this.#outbox = outbox;
  }

  /** The newest first. */
  get days(): readonly FaceDay[] {
    return this.#read().days;
  }

  /** The newest first. */
  get records(): readonly FaceRecord[] {
    return this.#read().records;
  }

  /** Count, record and event in one transaction. */
  async note(record: FaceRecord): Promise<void> {
    const { at, day, outcome, deviceId, ...rest } = record;
    await this.#hub.commit.write((tx) => {
      const { days, records } = this.#read();
      const none: FaceDay = { day, same: 0, unsure: 0, different: 0, not_compared: 0, failed: 0 };
      const today = days.find((one) => one.day === day) ?? none;
      const others = days.filter((one) => one.day !== day).slice(0, keptDays - 1);
      const kept: Kept = {
        days: [{ ...today, [outcome]: today[outcome] + 1 }, ...others].sort((a, b) => (a.day < b.day ? 1 : -1)),
        records: [record, ...records].slice(0, keptRecords),
      };
      tx.db.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)').run(key, JSON.stringify(kept));
      if (deviceId === undefined) return;
      this.#outbox.append(tx, 'events', {
        ...{ kind: 'event', at, id: uuidv7(at), deviceId, event: 'face.compared', severity: 'info' },
        data: { v: 1, outcome, liveness: 'not_checked', ...rest },
      });
    });
  }

  #read(): Kept {
    const text = this.#hub.commit.db.prepare('SELECT value FROM meta WHERE key = ?').pluck().get(key);
    // What is damaged begins anew: no comparison is refused for it.
    const kept = keptSchema.safeParse(typeof text === 'string' ? parse(text) : undefined);
    return kept.success ? kept.data : { days: [], records: [] };
  }
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
