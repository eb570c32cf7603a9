import type { CountingDevice } from './counting-device.js';
import type { TestHall } from './test-hall.js';
import { waitUntil } from './wait-until.js';

interface Seal {
  readonly lane: string;
  readonly epoch: string;
  readonly hour: string;
  readonly unit: { count: number; chain: string } | null;
  readonly cloud: { count: number; chain: string } | null;
  readonly equal: boolean;
}

export interface Books {
  readonly missingValues: number[];
  readonly doubleValues: number[];
  readonly missingEvents: string[];
  readonly doubleEvents: string[];
  readonly cloudValues: number;
  readonly cloudEvents: number;
}

const doubles = <T>(items: readonly T[]): T[] => [...new Set(items.filter((item, at) => items.indexOf(item) !== at))];

/** Waits until the unit has nothing left to send, then compares the device's book with the cloud's, number by number. */
export const compareBooks = async (
  hall: Pick<TestHall, 'hub' | 'api'>,
  deviceId: string,
  device: CountingDevice,
): Promise<Books> => {
  await waitUntil(
    'the outbox to drain',
    async () => {
      const { out } = await hall.hub('outbox', '--json');
      const { lanes } = JSON.parse(out) as { lanes: { pending: number }[] };
      return lanes.every((lane) => lane.pending === 0);
    },
    { withinMs: 180_000, everyMs: 500 },
  );
  const from = new Date(Date.now() - 3_600_000).toISOString();
  const to = new Date(Date.now() + 3_600_000).toISOString();
  const query = new URLSearchParams({ property: 'issuedToday', from, to, maxPoints: '10000' });
  const history = await hall.api.get<{ resolution: string; points: { value: number }[] }>(
    `/devices/${deviceId}/history?${query}`,
  );
  if (history.resolution !== 'raw') throw new Error('the history is not raw: too many points for this comparison');
  const values = history.points.map((point) => point.value);
  const events = (
    await hall.api.all<{ id: string; event: string }>(`/events?deviceId=${deviceId}&event=ticketTaken`)
  ).map((e) => e.id);
  const valueSet = new Set(values);
  const eventSet = new Set(events);
  return {
    missingValues: device.acknowledgedValues.filter((n) => !valueSet.has(n)),
    doubleValues: doubles(values),
    missingEvents: device.acknowledgedEvents.filter((id) => !eventSet.has(id)),
    doubleEvents: doubles(events),
    cloudValues: values.length,
    cloudEvents: events.length,
  };
};

/** Seals of both ends that differ; none is the proof. An hour that has just ended is sealed here a moment after there. */
export const unequalSeals = async (hall: TestHall): Promise<Seal[]> => {
  const from = new Date(Date.now() - 86_400_000).toISOString();
  const to = new Date(Date.now() + 86_400_000).toISOString();
  let unequal: Seal[] = [];
  const areEqual = async () => {
    const { items } = await hall.api.get<{ items: Seal[] }>(
      `/units/${hall.unitId}/seals?${new URLSearchParams({ from, to })}`,
    );
    unequal = items.filter((seal) => seal.unit !== null && !seal.equal);
    return unequal.length === 0;
  };
  await waitUntil('equal seals', areEqual, { withinMs: 20_000, everyMs: 500 }).catch(() => undefined);
  return unequal;
};
