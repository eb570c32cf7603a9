/** The API's shapes as `docs/api.md` gives them. Times are RFC 3339, unknown fields are null. */
import type { Label } from '@hallhub/shared';
import type { Severity, ThingModel, ThingValue } from '@hallhub/shared/thing';

export type { Label, Severity, ThingModel, ThingValue };
export type Time = string;

export interface Listing<T> {
  items: T[];
  nextCursor: string | null;
  total?: number;
}

export type Right =
  | 'place.read'
  | 'place.write'
  | 'hall.read'
  | 'unit.read'
  | 'unit.write'
  | 'device.read'
  | 'device.write'
  | 'device.approve'
  | 'command.read'
  | 'command.issue'
  | 'event.read'
  | 'alarm.read'
  | 'alarm.acknowledge'
  | 'alarm.write'
  | 'user.read'
  | 'user.write'
  | 'grant.write'
  | 'role.write'
  | 'audit.read';

export interface Me {
  user: {
    id: string;
    userName: string;
    displayName: string;
    email: string | null;
    locale: string | null;
    mustChangePassword: boolean;
  };
  tenant: { id: string; name: Label | string };
  rights: string[];
  scopes: { right: string; tenant?: boolean; regionIds?: string[]; hallIds?: string[] }[];
  serverTime: Time;
}

export interface OwnSession {
  id: string;
  createdAt: Time;
  lastSeenAt: Time | null;
  ip: string | null;
  userAgent: string | null;
  current: boolean;
}

export interface PlaceCounts {
  unitsOnline: number;
  units: number;
  devicesOnline: number;
  devices: number;
  openAlarms: number;
}

export interface Place {
  id: string;
  kind: 'region' | 'hall' | 'counter';
  parentId: string | null;
  name: Label | string;
  code: string | null;
  timeZone?: string | null;
  address?: string | null;
  location?: { lon: number; lat: number } | null;
  version: number;
  archivedAt: Time | null;
  counts?: PlaceCounts | null;
}

export type UnitPresence = 'online' | 'offline';

export interface UnitStream {
  lane: 'events' | 'live' | 'backlog' | 'manifest';
  epoch: string;
  cursor: number;
  pending: number | null;
  oldestAt: Time | null;
  committedAt: Time | null;
  rows24h: number | null;
  aside: number;
  gaps: number;
}

export interface Unit {
  id: string;
  name: Label | string;
  hallId: string;
  hallName: Label | string;
  state: 'new' | 'active' | 'archived';
  presence: UnitPresence;
  presenceReason: string | null;
  presenceSince: Time | null;
  lastSeenAt: Time | null;
  software: string | null;
  clock: { state: string; segment?: number; offsetMs?: number | null } | null;
  disk: { freeBytes: number; totalBytes?: number } | null;
  runwayMs: number | null;
  memoryBytes: number | null;
  devices: { online: number; offline: number; quarantined: number } | null;
  streams: UnitStream[];
  joinPolicy: { policy: 'closed' | 'approve' | 'window'; until?: Time | null } | string | null;
  version: number;
}

export interface UnitSeal {
  lane: string;
  epoch: string;
  hour: Time;
  unit: SealSide | null;
  cloud: SealSide | null;
  equal: boolean;
}

export interface SealSide {
  firstSeq: number;
  lastSeq: number;
  count: number;
  chain: string;
}

export interface PresenceStep {
  at: Time;
  state: string;
  reason: string | null;
  detail?: string | null;
  evidence?: { check: string; ok: boolean; at: Time; detail?: string | null }[];
}

export type DevicePresence = 'online' | 'degraded' | 'offline' | 'unknown';
export type DeviceState = 'quarantined' | 'active' | 'refused' | 'retired';

export interface PrimaryValue {
  property: string;
  label: Label | string;
  value: ThingValue | null;
  unit: string | null;
  at: Time | null;
}

export interface DeviceSummary {
  id: string;
  name: Label | string | null;
  vendor: string;
  model: string;
  serial: string;
  deviceClass: string;
  classLabel: Label | string | null;
  protocol: string;
  unitId: string;
  unitName: Label | string;
  hallId: string;
  hallName: Label | string;
  counterId: string | null;
  state: DeviceState;
  presence: DevicePresence;
  presenceReason: string | null;
  presenceSince: Time | null;
  stale: boolean;
  staleSince: Time | null;
  openAlarms: number;
  primary: PrimaryValue[];
}

export interface LatestValue {
  property: string;
  value: ThingValue | null;
  quality: 'good' | 'uncertain' | 'bad' | null;
  at: Time;
  receivedAt?: Time;
}

export interface Device extends DeviceSummary {
  identity: Record<string, unknown>;
  address: unknown;
  profile: { id: string; version: string; hash: string; name: Label | string | null } | null;
  thing: ThingModel | null;
  values: LatestValue[];
  reason: string | null;
  revision: number;
  version: number;
  createdAt: Time;
}

export interface HistoryPoint {
  at: Time;
  value?: ThingValue | null;
  min?: number | null;
  max?: number | null;
  avg?: number | null;
  count?: number;
}

export interface History {
  property: string;
  resolution: 'raw' | 'hour';
  points: HistoryPoint[];
  gaps: { from: Time; to: Time }[];
}

export type CommandState =
  | 'queued'
  | 'sent'
  | 'received'
  | 'running'
  | 'succeeded'
  | 'failed'
  | 'expired'
  | 'cancelled'
  | 'unknown';

export interface Command {
  id: string;
  target: { deviceId?: string | null; deviceName?: Label | string | null; unitId: string; unit?: boolean };
  name: string;
  label: Label | string | null;
  input: Record<string, unknown> | null;
  state: CommandState;
  provisional: boolean;
  output: Record<string, unknown> | null;
  error: { code: string; message: string } | null;
  issuedBy: { id: string; name: string } | null;
  issuedAt: Time;
  deadlineAt: Time;
  finishedAt: Time | null;
  steps: { state: CommandState; at: Time; source: 'cloud' | 'unit' }[];
}

export interface HallEvent {
  id: string;
  at: Time;
  receivedAt: Time;
  deviceId: string | null;
  deviceName: Label | string | null;
  hallId: string;
  event: string;
  label: Label | string | null;
  severity: Severity;
  data: Record<string, unknown> | null;
}

export interface Alarm {
  id: string;
  hallId: string;
  hallName: Label | string;
  unitId: string | null;
  deviceId: string | null;
  deviceName: Label | string | null;
  rule: { kind: string; property?: string | null; op?: string | null; limit?: number | null } | null;
  severity: Severity;
  message: Label | string;
  value: ThingValue | null;
  raisedAt: Time;
  acknowledgedAt: Time | null;
  acknowledgedBy: { id: string; name: string } | string | null;
  note: string | null;
  clearedAt: Time | null;
  count: number;
  version: number;
}

export interface Overview {
  serverTime: Time;
  units: { online: number; total: number };
  devices: { online: number; degraded: number; offline: number; stale: number; quarantined: number; total: number };
  alarms: { critical: number; warning: number; notice: number; info: number };
  latestEvents: HallEvent[];
  openAlarms: Alarm[];
  uplinks: {
    unitId: string;
    unitName: Label | string;
    presence: UnitPresence;
    since: Time | null;
    pending: number | null;
    oldestAt: Time | null;
  }[];
  messages: { at: Time; count: number }[];
}

export interface Grant {
  roleId: string;
  roleKey: string;
  roleLabel: Label;
  scope: GrantScope;
  scopeName: string | null;
}

export type GrantScope = { kind: 'tenant' } | { kind: 'region' | 'hall'; id: string };

export interface GrantInput {
  roleId: string;
  scope: GrantScope;
}

export interface User {
  id: string;
  userName: string;
  displayName: string;
  email: string | null;
  state: 'active' | 'disabled' | 'locked';
  mustChangePassword: boolean;
  lastSignInAt: Time | null;
  grants: Grant[];
  version: number;
}

export interface Role {
  id: string;
  key: string;
  label: Label;
  rights: string[];
  builtIn: boolean;
  version: number;
}

export interface RightInfo {
  right: string;
  label: Label | string;
  group: string;
  groupLabel: Label;
}

export interface AuditEntry {
  id: string;
  at: Time;
  actor: { id: string | null; name: string } | null;
  action: string;
  target: { kind: string; id: string | null; name: Label | string | null } | null;
  before: unknown;
  after: unknown;
  ip: string | null;
  requestId: string | null;
}
