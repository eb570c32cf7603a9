import { uuidv7 } from '@hallhub/shared';
import type { Database } from '../../db/index.js';
import { withSystem } from '../../db/index.js';
import type { Right } from '../../modules/access/rights.js';
import { createTenant } from '../../modules/access/verbs/create-tenant.js';
import { type MadeKey, makeKey } from '../../modules/api-keys/key-text.js';
import { officeCalendar } from '../../modules/calendars/office-calendar.js';
import { blankKind } from '../../modules/ticket-kinds/blank-kind.js';

/** Everything of one hall, by the names that routes give their parameters. */
export interface Site {
  readonly name: 'own' | 'sibling' | 'far' | 'foreign';
  readonly ids: Readonly<Record<string, string>>;
}

export interface World {
  readonly db: Database;
  readonly tenantId: string;
  readonly sites: readonly Site[];
  /** A key of the first organisation with these rights over the tenant, a region or a hall. */
  keyOf(rights: readonly Right[], scope: 'tenant' | { regionId: string } | { hallId: string }): Promise<string>;
}

const insert = async (db: Database, table: string, row: Readonly<Record<string, unknown>>): Promise<string> => {
  const columns = Object.keys(row);
  const values = Object.values(row);
  await db.ownerPool.query(
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map((_, i) => `$${i + 1}`).join(', ')})`,
    values,
  );
  return String(row.id ?? '');
};

interface Place {
  readonly tenantId: string;
  readonly regionId: string;
  readonly creatorId: string;
}

/** Two organisations; in the first two regions: one with two halls, one with one. Each hall has one of everything. */
export const makeWorld = async (db: Database, tenantId: string): Promise<World> => {
  const foreignTenant = await withSystem(db, (tx) => createTenant(tx, { code: `foreign-${uuidv7()}`, name: '外机构' }));
  const person = (tenant_id: string) =>
    insert(db, 'users', { id: uuidv7(), tenant_id, user_name: uuidv7(), display_name: '人' });
  const region = (tenant_id: string) =>
    insert(db, 'regions', { id: uuidv7(), tenant_id, name: '区域', code: uuidv7().slice(-12) });
  const owner = await person(tenantId);
  const { rows } = await db.ownerPool.query(`SELECT id FROM roles WHERE tenant_id = $1 AND key = 'owner'`, [tenantId]);
  const ownerRole = { id: uuidv7(), tenant_id: tenantId, user_id: owner, role_id: rows[0].id, scope_kind: 'tenant' };
  await insert(db, 'role_grants', ownerRole);
  const near: Place = { tenantId, regionId: await region(tenantId), creatorId: owner };
  const far: Place = { tenantId, regionId: await region(tenantId), creatorId: owner };
  const foreign: Place = {
    tenantId: foreignTenant,
    regionId: await region(foreignTenant),
    creatorId: await person(foreignTenant),
  };
  const sites = [
    await makeSite(db, 'own', near),
    await makeSite(db, 'sibling', near),
    await makeSite(db, 'far', far),
    await makeSite(db, 'foreign', foreign),
  ];
  return {
    db,
    tenantId,
    sites,
    async keyOf(rights, scope) {
      const made = makeKey();
      await insertKey(db, made, { tenantId, createdBy: owner, rights, scope });
      return made.key;
    },
  };
};

const insertKey = (
  db: Database,
  { hash, prefix }: MadeKey,
  given: {
    tenantId: string;
    createdBy: string;
    rights: readonly string[];
    scope: 'tenant' | { regionId: string } | { hallId: string };
  },
): Promise<string> => {
  const { scope } = given;
  return insert(db, 'api_keys', {
    ...{ id: uuidv7(), tenant_id: given.tenantId, name: '矩阵', prefix, hash },
    rights: [...given.rights],
    scope_kind: scope === 'tenant' ? 'tenant' : 'hallId' in scope ? 'hall' : 'region',
    region_id: scope !== 'tenant' && 'regionId' in scope ? scope.regionId : null,
    hall_id: scope !== 'tenant' && 'hallId' in scope ? scope.hallId : null,
    created_by: given.createdBy,
  });
};

/** Rows by plain SQL: the matrix must not depend on the routes that it tests. */
const makeSite = async (db: Database, name: Site['name'], at: Place): Promise<Site> => {
  const tenant_id = at.tenantId;
  const now = new Date();
  const one = (table: string, row: Record<string, unknown>) => insert(db, table, { id: uuidv7(), tenant_id, ...row });
  const code = () => uuidv7().slice(-12);
  const hall_id = await one('halls', {
    region_id: at.regionId,
    name: `厅 ${name}`,
    code: code(),
    time_zone: 'Asia/Shanghai',
  });
  const counterId = await one('counters', { hall_id, name: '窗口', code: code() });
  const unit_id = await one('units', { hall_id, name: '单元', secret_hash: Buffer.alloc(32, 7) });
  await insert(db, 'unit_links', { unit_id, tenant_id });
  const device_id = await one('devices', {
    ...{
      unit_id,
      hall_id,
      revision: 1,
      state: 'active',
      vendor: 'acme',
      model: 'm',
      serial: code(),
      device_class: 'sensor',
    },
    ...{ protocol: 'mqtt', address: 'x' },
  });
  const viewId = uuidv7();
  const cameraId = await one('devices', {
    ...{ unit_id, hall_id, revision: 1, state: 'active', vendor: 'acme', model: 'c', serial: code() },
    ...{ device_class: 'camera', protocol: 'onvif', address: 'x' },
  });
  const watched = { enabled: true, views: [{ id: viewId, name: '全景', rules: [] }], overlay: { band: 'none' } };
  await insert(db, 'camera_vision', {
    ...{ tenant_id, device_id: cameraId, document: watched, enabled: true, rules: 0 },
  });
  const templateId = await one('vision_templates', { name: code(), note: '', rules: '[]' });
  const itemId = await one('review_items', {
    ...{ hall_id, unit_id, device_id: cameraId, severity: 'notice', findings: 1, started_at: now, last_at: now },
    ...{ goes_on: false, created_at: now },
  });
  const seal = { previous: '0'.repeat(64), hash: '0'.repeat(64), signature: null, certificateSerial: null };
  const findingId = await one('review_findings', {
    ...{ item_id: itemId, hall_id, unit_id, device_id: cameraId, number: '0000-0000', rule_id: uuidv7() },
    ...{ rule_name: '规则', algorithm: 'intrusion', view_id: viewId, severity: 'notice', experimental: false },
    ...{ started_at: now, ended_at: now, goes_on: false, faces: 'none', evidence_ids: [], received_at: now },
    began: { phase: 'once', seen: [], models: [], evidence: [], picture: { width: 1, height: 1 }, seal },
  });
  const ruleId = await one('alarm_rules', {
    ...{ hall_id, kind: 'unit_offline', severity: 'warning', label: { zh: '规则' } },
  });
  const alarmId = await one('alarms', {
    ...{ hall_id, unit_id, device_id, rule_key: `rule:${ruleId}`, rule: { kind: 'unit_offline' }, severity: 'warning' },
    ...{ message: { zh: '告警' }, raised_at: now, last_at: now },
  });
  const commandId = await one('commands', {
    ...{
      unit_id,
      hall_id,
      device_id,
      name: 'reset',
      input: {},
      state: 'succeeded',
      issued_by_name: '人',
      issued_at: now,
    },
    ...{ deadline_at: now, finished_at: now },
  });
  const evidenceId = await one('evidence', {
    ...{ unit_id, hall_id, device_id, state: 'pending', name: '照片', media_type: 'image/jpeg', bytes: 3 },
    ...{ sha256: Buffer.alloc(32, 9), made_at: now, manifest_at: now, received_at: now, changed_at: now },
  });
  const userId = await one('users', { user_name: uuidv7(), display_name: '同事' });
  const { rows } = await db.ownerPool.query(`SELECT id FROM roles WHERE tenant_id = $1 AND key = 'observer'`, [
    tenant_id,
  ]);
  await one('role_grants', { user_id: userId, role_id: rows[0].id, scope_kind: 'hall', hall_id });
  const roleId = await one('roles', { key: `r-${code()}`, label_zh: '角色', rights: [] });
  const made = makeKey();
  const keyId = await insertKey(db, made, {
    ...{ tenantId: tenant_id, createdBy: at.creatorId, rights: ['place.read'], scope: { hallId: hall_id } },
  });
  await one('audit_entries', {
    ...{ actor_kind: 'system', actor_name: '系统', action: 'x.y', target_kind: 'x', hall_id },
  });
  const officeId = await one('offices', { code: code(), name: '科室' });
  const base = await makeTicketBase(db, tenant_id);
  const ticketId = await makeTicketRow(db, {
    tenant_id,
    hall_id,
    region_id: at.regionId,
    kind: base.kindCode,
    officeId,
  });
  const { tenantId: _tenantId, ...place } = at;
  return {
    name,
    ids: {
      ...{
        hallId: hall_id,
        regionId: place.regionId,
        placeId: counterId,
        counterId,
        unitId: unit_id,
        deviceId: device_id,
      },
      ...{
        ruleId,
        alarmId,
        commandId,
        evidenceId,
        userId,
        roleId,
        keyId,
        cameraId,
        viewId,
        templateId,
        itemId,
        findingId,
      },
      ...{ officeId, ticketId, ...base },
    },
  };
};

/** A kind, a calendar and a tree of categories of one's own, by their codes. */
const makeTicketBase = async (db: Database, tenant_id: string) => {
  const codes = { kindCode: `k${short()}`, calendarCode: `c${short()}`, tree: `t${short()}` };
  const label = { zh: '样' };
  const kind = { tenant_id, code: codes.kindCode };
  await insert(db, 'ticket_kinds', kind);
  const document = JSON.stringify(blankKind(codes.kindCode, label));
  await insert(db, 'ticket_kind_versions', { ...kind, version: 1, document, published_by_name: '人' });
  await db.ownerPool.query('UPDATE ticket_kinds SET published_version = 1 WHERE tenant_id = $1 AND code = $2', [
    ...[tenant_id, codes.kindCode],
  ]);
  const calendar = { ...officeCalendar(), code: codes.calendarCode };
  await insert(db, 'work_calendars', { tenant_id, code: codes.calendarCode, document: JSON.stringify(calendar) });
  await insert(db, 'category_trees', { tenant_id, tree: codes.tree, label: JSON.stringify(label) });
  return codes;
};

/** One that waits to be dispatched, in the hall. */
const makeTicketRow = async (
  db: Database,
  of: {
    readonly tenant_id: string;
    readonly hall_id: string;
    readonly region_id: string;
    readonly kind: string;
    readonly officeId: string;
  },
): Promise<string> => {
  const at = Date.UTC(2026, 0, 1);
  const task = { id: uuidv7(), purpose: 'handle', party: { kind: 'office', id: of.officeId }, lead: false };
  const { kind, hall_id, tenant_id, region_id } = of;
  const state = {
    ...{ kind, kindVersion: 1, status: 'running', stateId: 'waiting', step: 'dispatch', visit: 1, seq: 2 },
    ...{ visits: [{ step: 'dispatch', visit: 1, beganAt: at }], fields: { title: '样' }, level: null, marks: {} },
    tasks: [{ ...task, step: 'dispatch', visit: 1, state: 'open', beganAt: at }],
    ...{ source: 'console', madeBy: 'system', madeAt: at, returned: 0, reopened: 0, reminded: 0, extensions: [] },
    ...{ supervised: false, openChildren: [] },
  };
  const made = {
    type: 'made',
    data: { kind, kindVersion: 1, fields: { title: '样' }, level: null, source: 'console' },
  };
  const entered = { type: 'entered', data: { step: 'dispatch', visit: 1, stateId: 'waiting', tasks: [] } };
  const id = await insert(db, 'tickets', {
    ...{ id: uuidv7(), tenant_id, hall_id, region_id, number: `T${short()}`, title: '样', kind, kind_version: 1 },
    ...{ status: 'running', phase: 'new', state_id: 'waiting', step: 'dispatch', source: 'console', seq: 2 },
    ...{
      state: JSON.stringify(state),
      live_tasks: '[]',
      made_at: new Date(at),
      made_by: 'system',
      made_by_name: '系统',
    },
    ...{ acted_at: new Date(at), clock_stamp: '', supervised: false, reminded: 0, returned: 0, reopened: 0 },
  });
  for (const [i, { type, data }] of [made, entered].entries()) {
    const line = { seq: i + 1, at: new Date(at), by: 'system', by_name: '系统', type, data: JSON.stringify(data) };
    await insert(db, 'ticket_history', { tenant_id, ticket_id: id, ...line });
  }
  return id;
};

const short = (): string => uuidv7().replaceAll('-', '').slice(-12);
