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
  | 'unit.enrol'
  | 'pki.write'
  | 'proof.read'
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
  | 'signon.write'
  | 'audit.read'
  | 'backup.read'
  | 'backup.run'
  | 'apikey.write'
  | 'evidence.read'
  | 'bundle.write'
  | 'vision.read'
  | 'recording.read'
  | 'recording.export'
  | 'vision.write'
  | 'camera.steer'
  | 'camera.overrule'
  | 'review.write'
  | 'ticket.read'
  | 'ticket.make'
  | 'ticket.act'
  | 'ticket.intervene'
  | 'ticket.supervise'
  | 'ticket.personal'
  | 'ticket.export'
  | 'ticket.import'
  | 'office.read'
  | 'office.write'
  | 'calendar.write'
  | 'ticketkind.read'
  | 'ticketkind.write'
  | 'ticketexchange.write'
  | 'noticechannel.write';

export interface Me {
  user: {
    id: string;
    userName: string;
    displayName: string;
    email: string | null;
    locale: string | null;
    mustChangePassword: boolean;
  };
  tenant: { id: string; name: Label | string; timeZone: string };
  signIn: {
    method: 'password' | 'sign-on' | 'invitation' | null;
    hasPassword: boolean;
    passwordMinLength: number;
    secondFactor: boolean;
    secondFactorPolicy: 'off' | 'optional' | 'required';
    secondFactorDue: boolean;
  };
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
  method: 'password' | 'sign-on' | 'invitation';
  secondFactor: boolean;
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
  /** A later epoch has taken over. */
  closed: boolean;
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
  runway: { eventsMs: number | null; telemetryMs: number | null; evidenceMs: number | null; measuredMs: number } | null;
  certificateEndsAt: Time | null;
  memoryBytes: number | null;
  devices: { online: number; offline: number; quarantined: number } | null;
  /** Values of the last day that are put aside for a time in the far future. */
  quarantinedValues24h: number;
  streams: UnitStream[];
  protocolError: string | null;
  joinPolicy: { policy: 'closed' | 'approve' | 'window'; until: Time | null } | null;
  openAlarms: number;
  /** Its newest certificate; null: never had one, it comes by its secret. */
  certificate: { state: CertificateState; endsAt: Time } | null;
  /** A code waits for the hardware until then. */
  codeUntil: Time | null;
  version: number;
}

export type CertificateState = 'valid' | 'expiring' | 'expired' | 'revoked';

export interface UnitSeal {
  lane: string;
  epoch: string;
  hour: Time;
  unit: SealSide | null;
  cloud: SealSide | null;
  /** Null: not to be judged yet. */
  equal: boolean | null;
  /** Rows of this hour that are known to be missing. */
  missing: number;
}

export interface SealSide {
  firstSeq: number;
  lastSeq: number;
  count: number;
  chain: string;
}

export interface AsideRow {
  lane: string;
  epoch: string;
  seq: number;
  kind: string | null;
  reason: string;
  detail: string;
  text: string;
  receivedAt: Time;
}

export interface StreamGap {
  lane: string;
  epoch: string;
  reason: string;
  fromSeq: number | null;
  toSeq: number | null;
  count: number | null;
  at: Time;
}

export interface UnitFault {
  id: string;
  at: Time;
  code: string;
  message: string;
}

export interface PresenceStep {
  at: Time;
  state: string;
  reason: string | null;
  detail?: string | null;
  evidence?: PresenceEvidence[];
}

export interface PresenceEvidence {
  check: string;
  ok: boolean;
  at: Time;
  detail: string | null;
}

export type DevicePresence = 'online' | 'degraded' | 'offline' | 'unknown';
export type DeviceState = 'quarantined' | 'active' | 'refused' | 'retired';

export interface PrimaryValue {
  property: string;
  label: Label | string;
  value: ThingValue | null;
  unit: string | null;
  decimals: number | null;
  valueLabel: Label | null;
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
  profileLabel: Label | null;
  /** Devices with the same one have the same thing model. */
  profileHash: string | null;
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
  /** When the unit first registered it. */
  createdAt: Time;
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
  presenceDetail: string | null;
  presenceEvidence: PresenceEvidence[];
  reason: string | null;
  revision: number;
  version: number;
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
  resolution: 'raw' | 'hour' | 'bucket';
  /** What it was when the range began. */
  before: { at: Time; value: ThingValue | null } | null;
  /** There was more than could be sent. */
  truncated: boolean;
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
  target: { deviceId: string | null; deviceName: string | null; unitId: string; unitName: string; unit: boolean };
  batchId: string | null;
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
  cancelAskedAt: Time | null;
  steps: { state: CommandState; provisional: boolean; at: Time; source: 'cloud' | 'unit'; applied: boolean }[];
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
  unitId: string;
  unitName: string;
  deviceId: string | null;
  deviceName: string | null;
  rule: {
    /** Who wrote it: people, the device profile, or it holds by default. */
    source?: 'hall' | 'profile' | 'default';
    /** The rule of the hall. */
    id?: string | null;
    kind: AlarmRuleKind | 'event';
    property: string | null;
    op: 'gt' | 'lt' | 'eq' | null;
    limit: ThingValue | null;
    event: string | null;
  };
  state: 'open' | 'acknowledged' | 'cleared';
  severity: Severity;
  message: Label | string;
  value: ThingValue | null;
  raisedAt: Time;
  acknowledgedAt: Time | null;
  acknowledgedBy: string | null;
  note: string | null;
  clearedAt: Time | null;
  count: number;
  version: number;
}

export type AlarmRuleKind =
  | 'threshold'
  | 'device_offline'
  | 'unit_offline'
  | 'unit_runway'
  | 'unit_certificate'
  | 'unit_clock'
  | 'unit_seal'
  | 'unit_fault';

export interface AlarmRule {
  id: string;
  hallId: string;
  deviceId: string | null;
  profileId: string | null;
  kind: AlarmRuleKind;
  property: string | null;
  propertyLabel: Label | null;
  propertyUnit: string | null;
  op: 'gt' | 'lt' | null;
  limit: number | null;
  clearLimit: number | null;
  forMs: number;
  severity: Severity;
  label: Label;
  enabled: boolean;
  version: number;
}

export interface AlarmStep {
  step: 'raised' | 'acknowledged' | 'noted' | 'cleared';
  at: Time;
  by: string | null;
  note: string | null;
  value: ThingValue | null;
}

export interface AlarmDetail extends Alarm {
  steps: AlarmStep[];
}

export interface Overview {
  serverTime: Time;
  /** `neverSeen`: made, but never connected so far. */
  units: { online: number; neverSeen: number; total: number };
  devices: { online: number; degraded: number; offline: number; stale: number; quarantined: number; total: number };
  alarms: { critical: number; warning: number; notice: number; info: number };
  latestEvents: HallEvent[];
  openAlarms: Alarm[];
  uplinks: {
    unitId: string;
    unitName: Label | string;
    /** `new`: it has never connected. */
    state: 'new' | 'active';
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
  actor: { id: string | null; name: string; kind: 'user' | 'system' | 'apikey' };
  action: string;
  target: { kind: string; id: string | null; name: Label | string | null } | null;
  before: unknown;
  after: unknown;
  ip: string | null;
  requestId: string | null;
  /** Number in the chain; null until it is sealed. */
  seq: number | null;
}
