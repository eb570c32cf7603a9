import type { Row } from '@hallhub/shared/wire';
import type { AlarmWatcher } from '../alarms/watch-port.js';
import { applyCommandRows } from '../commands/apply-command-rows.js';
import { type AppendedEvent, appendEvents } from '../events/append-events.js';
import { applyEvidenceRows } from '../evidence/apply-evidence-rows.js';
import { applyDeviceRows } from '../fleet/apply-device-rows.js';
import { applyPresenceRows } from '../fleet/apply-presence-rows.js';
import { applyProfileRows } from '../fleet/apply-profile-rows.js';
import { claimDevices } from '../fleet/claim-devices.js';
import { announceEvents } from './announce-events.js';
import { announceValues } from './announce-values.js';
import { applyFaultRows, applyGapRows, applySealRows } from './apply-stream-rows.js';
import { type IngestContext, setAside } from './ingest-context.js';
import type { AsideRow, PlacedRow } from './read-rows.js';

/** Where samples are kept, bound to one process's telemetry. */
export type SampleWriter = (
  context: IngestContext,
  samples: readonly { seq: number; atMs: number; row: Extract<Row, { kind: 'sample' }> }[],
) => Promise<void>;

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
    const timed = samples.map(({ seq, row }) => ({ seq, row, atMs: context.correctedMs(row.at) }));
    await writers.samples(context, timed);
    if (context.lane === 'live') {
      announceValues(context, timed);
      await writers.alarms.onSamples(
        context,
        samples.map(({ row }) => row),
        devices,
      );
    }
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
  }
  aside.push(...(await applyCommandRows(context, of.command)));
  await applyGapRows(context, of.gap);
  await applySealRows(context, of.seal);
  await applyFaultRows(context, of.fault);
  await applyEvidenceRows(context, own(of.evidence));
  return aside;
};
