import type { Label } from '@hallhub/shared';
import type { Profile } from '@hallhub/shared/profile';
import { type Property, shownThing } from '@hallhub/shared/thing';
import type { PresenceReason } from '@hallhub/shared/wire';
import { type SQL, sql } from 'drizzle-orm';
import type { Tx } from '../../db/index.js';
import type { LatestValue, Telemetry } from '../telemetry/index.js';
import { classLabel } from './class-labels.js';
import type { DeviceDto, DeviceSummary } from './contract.js';
import { instantText } from './instant-text.js';
import type { ProfileBook } from './profile-book.js';

interface DeviceRecord {
  id: string;
  name: string | null;
  vendor: string;
  model: string;
  serial: string;
  firmware: string | null;
  hardware: string | null;
  device_class: string;
  protocol: string;
  address: string;
  unit_id: string;
  unit_name: string;
  unit_presence: 'online' | 'offline';
  unit_since: string;
  hall_id: string;
  hall_name: string;
  counter_id: string | null;
  state: DeviceSummary['state'];
  presence: DeviceSummary['presence'];
  presence_reason: PresenceReason | null;
  presence_detail: string | null;
  presence_since: string | null;
  presence_evidence: { check: string; ok: boolean; at: number; detail?: string }[] | null;
  profile_id: string | null;
  profile_version: string | null;
  profile_hash: string | null;
  reason: string | null;
  revision: number;
  version: number;
  created_at: string;
  updated_at: string;
  open_alarms: number;
}

export interface DeviceReading {
  readonly profiles: ProfileBook;
  readonly telemetry: Pick<Telemetry, 'latestValues'>;
}

export interface DeviceQuery {
  readonly tenantId: string;
  /** Over `devices d`, `units u`, `unit_links l`. */
  readonly where: SQL;
  readonly limit: number;
}

/** A name for lists where nobody gave one. */
export const shownName = sql`coalesce(nullif(d.name, ''), d.model || ' ' || d.serial)`;

const readRecords = async (tx: Tx, of: DeviceQuery): Promise<DeviceRecord[]> => {
  const { rows } = (await tx.execute(sql`
    SELECT d.*, ${shownName} AS name, u.name AS unit_name, l.presence AS unit_presence, l.since AS unit_since, h.name AS hall_name,
      (SELECT count(*)::int FROM alarms a WHERE a.tenant_id = d.tenant_id AND a.device_id = d.id AND a.cleared_at IS NULL) AS open_alarms
    FROM devices d JOIN units u ON u.id = d.unit_id JOIN unit_links l ON l.unit_id = d.unit_id JOIN halls h ON h.id = d.hall_id
    WHERE d.tenant_id = ${of.tenantId} AND d.revision > 0 AND ${of.where} ORDER BY ${shownName}, d.id LIMIT ${of.limit}`)) as unknown as {
    rows: DeviceRecord[];
  };
  return rows;
};

/** Devices by name, with the values that their profiles put first. */
export const readDeviceSummaries = async (
  tx: Tx,
  reading: DeviceReading,
  of: DeviceQuery,
): Promise<DeviceSummary[]> => {
  const { records, profiles, values } = await readAll(tx, reading, of);
  return records.map((row) => toSummary(row, profiles.get(row.profile_hash ?? '') ?? null, values.get(row.id) ?? []));
};

/** The same with everything a device page shows. */
export const readDevices = async (tx: Tx, reading: DeviceReading, of: DeviceQuery): Promise<DeviceDto[]> => {
  const { records, profiles, values } = await readAll(tx, reading, of);
  return records.map((row) => toDevice(row, profiles.get(row.profile_hash ?? '') ?? null, values.get(row.id) ?? []));
};

const readAll = async (tx: Tx, reading: DeviceReading, of: DeviceQuery) => {
  const records = await readRecords(tx, of);
  const profiles = await reading.profiles.getMany(
    tx,
    of.tenantId,
    records.flatMap(({ profile_hash }) => profile_hash ?? []),
  );
  const values = new Map<string, LatestValue[]>();
  for (const value of await reading.telemetry.latestValues(
    tx,
    records.map(({ id }) => id),
  )) {
    const known = values.get(value.deviceId);
    if (known) known.push(value);
    else values.set(value.deviceId, [value]);
  }
  return { records, profiles, values };
};

const maxPrimary = 3;

const toSummary = (row: DeviceRecord, profile: Profile | null, values: readonly LatestValue[]): DeviceSummary => {
  const stale = row.unit_presence === 'offline';
  return {
    id: row.id,
    name: row.name ?? row.model,
    vendor: row.vendor,
    model: row.model,
    serial: row.serial,
    deviceClass: row.device_class,
    classLabel: classLabel(row.device_class),
    profileLabel: profile?.label ?? null,
    profileHash: profile ? row.profile_hash : null,
    protocol: row.protocol,
    unitId: row.unit_id,
    unitName: row.unit_name,
    hallId: row.hall_id,
    hallName: row.hall_name,
    counterId: row.counter_id,
    state: row.state,
    // What is out of use is not looked after: its last word would be shown for ever.
    presence: row.state === 'active' ? row.presence : 'unknown',
    presenceReason: row.presence_reason,
    presenceSince: instantText(row.presence_since),
    createdAt: instantText(row.created_at),
    stale,
    staleSince: stale ? instantText(row.unit_since) : null,
    openAlarms: row.open_alarms,
    primary: (profile?.thing.properties ?? [])
      .filter(({ role, personal }) => role === 'primary' && !personal)
      .slice(0, maxPrimary)
      .map((property) => toPrimary(property, values)),
  };
};

const toPrimary = (property: Property, values: readonly LatestValue[]): DeviceSummary['primary'][number] => {
  const latest = values.find((value) => value.property === property.id);
  return {
    property: property.id,
    label: property.label,
    value: latest?.value ?? null,
    unit: property.unit ?? null,
    decimals: property.decimals ?? null,
    valueLabel: property.values?.find(({ id }) => id === latest?.value)?.label ?? null,
    at: latest ? new Date(latest.at).toISOString() : null,
  };
};

const toDevice = (row: DeviceRecord, profile: Profile | null, values: readonly LatestValue[]): DeviceDto => ({
  ...toSummary(row, profile, values),
  identity: {
    vendor: row.vendor,
    model: row.model,
    serial: row.serial,
    firmware: row.firmware,
    hardware: row.hardware,
  },
  address: row.address,
  profile:
    row.profile_id && row.profile_hash
      ? {
          id: row.profile_id,
          version: row.profile_version ?? '',
          hash: row.profile_hash,
          name: profile ? (profile.label satisfies Label) : null,
        }
      : null,
  thing: profile ? shownThing(profile.thing) : null,
  values: values.map(toValue),
  presenceDetail: row.presence_detail,
  presenceEvidence: (row.presence_evidence ?? []).map(toEvidence),
  reason: row.reason,
  revision: row.revision,
  version: row.version,
  updatedAt: instantText(row.updated_at),
});

export const toValue = ({ property, value, quality, at }: LatestValue): DeviceDto['values'][number] => ({
  property,
  value,
  quality,
  at: new Date(at).toISOString(),
});

export const toEvidence = (one: { check: string; ok: boolean; at: number; detail?: string }) => ({
  check: one.check,
  ok: one.ok,
  at: new Date(one.at).toISOString(),
  detail: one.detail ?? null,
});
