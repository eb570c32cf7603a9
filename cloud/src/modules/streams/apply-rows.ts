import type { Row, SampleRow } from '@hallhub/shared/wire';
import type { AlarmWatcher } from '../alarms/watch-port.js';
import { applyCommandRows } from '../commands/apply-command-rows.js';
import { type AppendedEvent, appendEvents } from '../events/append-events.js';
import { applyEvidenceRows } from '../evidence/apply-evidence-rows.js';
import { applyDeviceRows } from '../fleet/apply-device-rows.js';
import { applyPresenceRows } from '../fleet/apply-presence-rows.js';
import { applyProfileRows } from '../fleet/apply-profile-rows.js';
import { claimDevices, type DeviceFacts } from '../fleet/claim-devices.js';
import { noteEvents } from '../ticket-intake/sources/note-occurrences.js';
import { takeVisionEvents } from '../vision/intake/take-vision-events.js';
import { announceEvents } from './announce-events.js';
import { announceValues } from './announce-values.js';
import { applyFaultRows, applyGapRows, applySealRows } from './apply-stream-rows.js';
import { type IngestContext, setAside } from './ingest-context.js';
import type { AsideRow, PlacedRow } from './read-rows.js';

/** A sample and its corrected time. */
export interface TimedSample {
  readonly seq: number;
  readonly atMs: number;
  readonly row: SampleRow;
}

/** One batch's samples. */
export interface BatchSamples {
  readonly context: IngestContext;
  readonly samples: readonly TimedSample[];
}

/** Where samples are kept, bound to one process's telemetry. Batches that come together are of one tenant and transaction, each of another unit. */
export type SampleWriter = (batches: readonly BatchSamples[]) => Promise<void>;

export interface RowWriters {
  readonly samples: SampleWriter;
  readonly alarms: AlarmWatcher;
}

/** New ones by their own time; the rest were said before and are one entry already. */
const tallyEvents = (
  context: IngestContext,
  placed: readonly PlacedRow<Extract<Row, { kind: 'event' }>>[],
  appended: readonly AppendedEvent[],
): void => {
  for (const { atMs } of appended) context.tally('event', atMs, 1);
  const first = placed[0];
  if (first && placed.length > appended.length) {
    context.tally('event', context.correctedMs(first.row.at), 0, placed.length - appended.length);
  }
};

export const timeOf = (context: IngestContext, samples: readonly PlacedRow<SampleRow>[]): TimedSample[] =>
  samples.map(({ seq, row }) => ({ seq, row, atMs: context.correctedMs(row.at) }));

/** What is happening now concerns people and alarms; what happened earlier does not. */
export const watchSamples = async (
  context: IngestContext,
  samples: readonly TimedSample[],
  devices: ReadonlyMap<string, DeviceFacts>,
  writers: RowWriters,
): Promise<void> => {
  if (context.lane !== 'live') return;
  announceValues(context, samples);
  const rows = samples.map(({ row }) => row);
  await writers.alarms.onSamples(context, rows, devices);
};

type Kind = Row['kind'];
type Grouped = { [K in Kind]: PlacedRow<Extract<Row, { kind: K }>>[] };

const group = (rows: readonly PlacedRow[]): Grouped => {
  const grouped: Grouped = {
    sample: [],
    device: [],
    profile: [],
    presence: [],
    event: [],
    command: [],
    gap: [],
    seal: [],
    fault: [],
    evidence: [],
  };
  for (const one of rows) (grouped[one.row.kind] as PlacedRow[]).push(one);
  return grouped;
};

/**
 * Writes rows of all kinds in bulk; within a kind in the stream's order. Gives the rows that do not belong to this unit and so
 * go aside. Throws where a row cannot be stored.
 */
export const applyRows = async (
  context: IngestContext,
  rows: readonly PlacedRow[],
  writers: RowWriters,
): Promise<AsideRow[]> => {
  const of = group(rows);
  const aside: AsideRow[] = [];
  aside.push(...(await applyProfileRows(context, of.profile)));
  const registry = await applyDeviceRows(context, of.device);
  aside.push(...registry.aside);
  if (registry.gone.length > 0) await writers.alarms.onDevicesGone(context, registry.gone);

  const devices = await claimDevices(
    context,
    [...of.sample, ...of.presence, ...of.event, ...of.evidence].map(({ row }) => row.deviceId),
  );
  const own = <R extends Row & { deviceId: string }>(placed: readonly PlacedRow<R>[]): PlacedRow<R>[] =>
    placed.filter((one) => {
      if (devices.get(one.row.deviceId)?.unitId === context.unitId) return true;
      aside.push(setAside(one, 'device_of_other_unit', `Device ${one.row.deviceId} belongs to another unit`));
      return false;
    });

  const samples = own(of.sample);
  if (samples.length > 0) {
    const timed = timeOf(context, samples);
    await writers.samples([{ context, samples: timed }]);
    await watchSamples(context, timed, devices, writers);
  }
  const presenceRows = own(of.presence);
  const presence = await applyPresenceRows(context, presenceRows);
  for (const { row } of presenceRows) context.tally('presence', context.correctedMs(row.at), 1);
  if (presence.length > 0) await writers.alarms.onPresence(context, presence, devices);
  const eventRows = own(of.event);
  const events = await appendEvents(context, eventRows);
  tallyEvents(context, eventRows, events);
  if (events.length > 0) {
    announceEvents(context, events, devices);
    await writers.alarms.onEvents(context, events, devices);
    await takeVisionEvents(context, events);
    await noteEvents(context.tx, context, events);
  }
  aside.push(...(await applyCommandRows(context, of.command)));
  await applyGapRows(context, of.gap);
  await applySealRows(context, of.seal);
  await applyFaultRows(context, of.fault);
  await applyEvidenceRows(context, own(of.evidence));
  return aside;
};
