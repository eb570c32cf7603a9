import { intakeCases } from './intake-cases.js';
import { noticeCases } from './notice-cases.js';
import type { Site } from './world.js';

type Ids = Site['ids'];

/** How the matrix calls one route, and what it may expect. */
export interface RouteCase {
  /** Valid, and harmless however often it is sent. */
  readonly body?: (ids: Ids) => unknown;
  readonly query?: (ids: Ids) => string;
  /** Values of path parameters that a site has no row for; a name here means: `ids` of the site do not decide. */
  readonly params?: (ids: Ids) => Readonly<Record<string, string>>;
  /**
   * `hall` (default): the thing lies in a hall. `tenant`: it is the organisation's, and a grant over a hall or region does
   * not reach it. `anywhere`: the organisation's, but whoever has the right anywhere may (lists of roles, models).
   */
  readonly level?: 'hall' | 'tenant' | 'anywhere';
  /** Where the caller reaches it; default: 2xx for GET, and anything but 401, 403, 404, 429 and 5xx for the rest. */
  readonly allowed?: readonly number[];
  /** Where it is another organisation's; default 404. A 400 is said of ids in a body. */
  readonly foreign?: readonly number[];
  /** API keys may not, whatever their rights: only a person. */
  readonly person?: true;
}

const uuid = '0190a1b2-0000-7000-8000-000000000001';
const tenant = { level: 'tenant' } as const;
const anywhere = { level: 'anywhere' } as const;
/** There is no such row anywhere: nobody may get anything but 404 (or 403), whatever they hold. */
const absent = { allowed: [404], foreign: [404] } as const;
/** The organisation's own: whoever has the right anywhere sees it, and nobody another one's. */
const shared = { level: 'anywhere', allowed: [200] } as const;
const kind = (ids: Ids) => ({ code: ids.kindCode ?? '' });
const calendar = (ids: Ids) => ({ code: ids.calendarCode ?? '' });
const tree = (ids: Ids) => ({ tree: ids.tree ?? '' });
const noShifts = { 1: [], 2: [], 3: [], 4: [], 5: [], 6: [], 7: [] };
let made = 0;
const fresh = () => `m${(made++).toString(36)}`;
const visionRule = { id: uuid, name: '规则', algorithm: 'tamper' };
const period = () => 'from=2026-01-01&to=2026-01-02';

/**
 * One entry for each route that declares a right: a route without one fails the build. `{}` says: nothing special, path
 * parameters come from the site (`{unitId}` is the site's unit), a version that nobody has makes writes harmless (412).
 */
export const cases: Readonly<Record<string, RouteCase>> = {
  ...intakeCases,
  ...noticeCases,
  // people, roles, keys
  'GET /users': {},
  'GET /users/{userId}': {},
  'POST /users': {
    body: (ids) => ({
      userName: fresh(),
      displayName: '新人',
      grants: [{ roleId: ids.observerId, scope: { kind: 'hall', id: ids.hallId } }],
    }),
    foreign: [400, 403, 404],
    allowed: [201, 403],
  },
  'PATCH /users/{userId}': { body: () => ({ displayName: '改名' }) },
  // Needs the person's own rights too, which a key with one right alone does not hold.
  'POST /users/{userId}/password': { allowed: [200, 403, 409] },
  'PUT /users/{userId}/grants': { body: () => [] },
  'GET /roles': anywhere,
  'POST /roles': { ...tenant, body: () => ({ key: `role-${fresh()}`, label: { zh: '角色' }, rights: [] }) },
  'PATCH /roles/{roleId}': { ...tenant, body: () => ({ label: { zh: '改' } }) },
  'DELETE /roles/{roleId}': tenant,
  'GET /rights': anywhere,
  'GET /api-keys': {},
  'POST /api-keys': {
    body: (ids) => ({ name: 'k', rights: ['place.read'], scope: { kind: 'hall', id: ids.hallId } }),
    person: true,
  },
  'DELETE /api-keys/{keyId}': {},
  'POST /invitations': {
    body: (ids) => ({
      userName: fresh(),
      displayName: '客',
      grants: [{ roleId: ids.observerId, scope: { kind: 'hall', id: ids.hallId } }],
    }),
    foreign: [400, 403, 404],
    allowed: [201, 403],
  },
  'POST /users/{userId}/invitation': { body: () => ({}), allowed: [200, 201, 403, 409] },
  'DELETE /users/{userId}/invitation': { allowed: [200, 204, 403, 404, 409] },
  'GET /users/{userId}/sign-in': { allowed: [200, 403] },
  'DELETE /users/{userId}/second-factor': { allowed: [200, 204, 403, 409] },
  'DELETE /users/{userId}/sessions': { allowed: [200, 204, 403] },
  'DELETE /users/{userId}/sessions/{sessionId}': { params: () => ({ sessionId: uuid }), allowed: [403, 404] },
  'DELETE /users/{userId}/trusted-devices/{deviceId}': { allowed: [403, 404] },
  'GET /sign-on-providers': tenant,
  'POST /sign-on-providers': {
    ...tenant,
    body: () => ({ label: fresh(), issuer: `https://${fresh()}.example.org`, clientId: 'x' }),
  },
  'PUT /sign-on-providers/{providerId}': {
    ...{ ...tenant, ...absent },
    params: () => ({ providerId: uuid }),
    body: () => ({ label: 'x', issuer: 'https://id.example.org', clientId: 'x' }),
  },
  'DELETE /sign-on-providers/{providerId}': { ...tenant, ...absent, params: () => ({ providerId: uuid }) },
  'POST /sign-on-providers/{providerId}/test': { ...tenant, ...absent, params: () => ({ providerId: uuid }) },
  'GET /sign-in-rules': tenant,
  'PUT /sign-in-rules': {
    ...tenant,
    body: () => ({
      ...{ secondFactor: 'optional', requiredRoleIds: [], trustedDeviceDays: 0, idleMinutes: 60, absoluteHours: 12 },
      ...{ passwordMinLength: 12, passwordHistory: 3, passwordMaxAgeDays: null },
    }),
  },
  // trail
  'GET /audit': {},
  'GET /audit/export': {},
  'GET /audit/chain': tenant,
  'POST /audit/chain/verification': tenant,
  // places
  'GET /places': {},
  'POST /places': {
    body: (ids) => ({ kind: 'counter', parentId: ids.hallId, name: '窗口', code: fresh() }),
    foreign: [400, 404],
    allowed: [201],
  },
  'PATCH /places/{placeId}': { body: () => ({ name: '改名' }) },
  'DELETE /places/{placeId}': {},
  'GET /overview': { level: 'anywhere' },
  // units and devices
  'GET /units': {},
  'GET /units/{unitId}': {},
  'POST /units': { body: (ids) => ({ name: '新单元', hallId: ids.hallId }), foreign: [400, 404], allowed: [201] },
  'POST /units/{unitId}/secret': {},
  'PATCH /units/{unitId}': { body: () => ({ name: '改名' }) },
  'DELETE /units/{unitId}': {},
  'PUT /units/{unitId}/join-policy': { body: () => ({ policy: 'closed' }) },
  'GET /units/{unitId}/presence': {},
  'GET /units/{unitId}/seals': {},
  'GET /units/{unitId}/aside': {},
  'GET /units/{unitId}/gaps': {},
  'GET /units/{unitId}/faults': {},
  'GET /units/{unitId}/certificates': {},
  'POST /units/{unitId}/certificates/revoke': { body: () => ({ reason: 'lost' }) },
  'POST /units/{unitId}/enrolment-codes': { body: () => ({ kind: 'new' }) },
  'GET /units/{unitId}/enrolment-codes': {},
  'DELETE /units/{unitId}/enrolment-codes/{codeId}': { ...absent, params: () => ({ codeId: uuid }) },
  'GET /units/{unitId}/proof': {},
  'POST /units/{unitId}/proof/recounts': { body: () => ({ day: '2026-01-01' }) },
  'GET /devices': {},
  'GET /devices/{deviceId}': {},
  'GET /devices/{deviceId}/values': {},
  'GET /devices/{deviceId}/history': {
    query: () => 'property=x&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z',
    allowed: [200, 400],
  },
  'GET /devices/{deviceId}/presence': {},
  'GET /device-models': anywhere,
  'GET /profiles/{hash}': { ...absent, level: 'anywhere', params: () => ({ hash: 'a'.repeat(64) }) },
  'PATCH /devices/{deviceId}': { body: () => ({ name: '改名' }) },
  'POST /devices/{deviceId}/approve': { body: () => ({}) },
  'POST /devices/{deviceId}/refuse': { body: () => ({}) },
  'POST /devices/{deviceId}/retire': {},
  // commands
  'POST /devices/{deviceId}/commands': { body: () => ({ name: 'reset' }) },
  'GET /commands': {},
  'GET /commands/{commandId}': {},
  'POST /commands/{commandId}/cancel': {},
  'POST /command-batches': {
    // What is out of reach is told as skipped, target by target: nothing is sent there.
    ...anywhere,
    body: (ids) => ({ name: 'reset', targets: { deviceIds: [ids.deviceId] } }),
  },
  'GET /command-batches': {},
  'GET /command-batches/{batchId}': { ...absent, params: () => ({ batchId: uuid }) },
  'POST /command-batches/{batchId}/cancel': { ...absent, params: () => ({ batchId: uuid }) },
  // alarms and events
  'GET /events': {},
  'GET /bundles': {},
  // An empty body is no bundle, wherever it would belong: what a good one needs is tested in modules/bundles.
  // Two at a time: whoever may, and comes third, is told to wait.
  'POST /bundles': { level: 'anywhere', allowed: [400, 422, 429] },
  'GET /bundles/{bundleId}/receipt': { allowed: [404], foreign: [404], params: () => ({ bundleId: uuid }) },
  'GET /evidence': {},
  'GET /evidence/{evidenceId}/content': { allowed: [409] },
  // vision
  'POST /video/watch': { body: (ids) => ({ deviceIds: [ids.cameraId ?? ''] }) },
  // Nobody answers for these units: whoever may is told that they are offline.
  'GET /video/recordings/{deviceId}/spans': {
    params: (ids) => ({ deviceId: ids.cameraId ?? '' }),
    query: () => 'from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z',
    allowed: [503],
  },
  'POST /video/recordings/{deviceId}/viewings': {
    params: (ids) => ({ deviceId: ids.cameraId ?? '' }),
    body: () => ({ from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' }),
  },
  'GET /video/recordings/{deviceId}/media': {
    params: (ids) => ({ deviceId: ids.cameraId ?? '' }),
    query: () => 'ticket=none&from=2026-01-01T00:00:00Z',
    allowed: [409],
  },
  'POST /video/recordings/{deviceId}/downloads': {
    params: (ids) => ({ deviceId: ids.cameraId ?? '' }),
    body: () => ({ from: '2026-01-01T00:00:00Z', to: '2026-01-01T00:10:00Z' }),
    allowed: [503],
  },
  'GET /video/recordings/{deviceId}/file': {
    params: (ids) => ({ deviceId: ids.cameraId ?? '' }),
    query: () => 'ticket=none',
    allowed: [409],
  },
  'POST /video/steer': { body: (ids) => ({ deviceId: ids.cameraId ?? '' }) },
  'GET /vision/cameras': {},
  'GET /vision/places': {},
  'GET /vision/cameras/{deviceId}': { params: (ids) => ({ deviceId: ids.cameraId ?? '' }) },
  'PUT /vision/cameras/{deviceId}': {
    params: (ids) => ({ deviceId: ids.cameraId ?? '' }),
    body: () => ({ views: [] }),
  },
  'POST /vision/cameras/{deviceId}/copies': {
    params: (ids) => ({ deviceId: ids.cameraId ?? '' }),
    body: (ids) => ({ viewId: ids.viewId, mode: 'add', targets: [{ deviceId: ids.cameraId }] }),
  },
  'GET /vision/templates': anywhere,
  'POST /vision/templates': { ...tenant, body: () => ({ name: fresh(), rules: [visionRule] }) },
  'PUT /vision/templates/{templateId}': { ...tenant, body: () => ({ name: fresh(), rules: [visionRule] }) },
  'DELETE /vision/templates/{templateId}': tenant,
  'GET /vision/file': {},
  // What is out of reach is told camera by camera: nothing is changed there.
  'POST /vision/file': {
    ...anywhere,
    body: () => ({ format: 'hallhub.vision', v: 1, exportedAt: '2026-01-01T00:00:00Z', cameras: [], templates: [] }),
  },
  'GET /vision/statistics': { query: () => 'from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z' },
  'GET /vision/flow': { query: () => 'from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z' },
  'GET /vision/cameras/{deviceId}/heat': {
    params: (ids) => ({ deviceId: ids.cameraId ?? '' }),
    query: (ids) => `viewId=${ids.viewId}&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z`,
  },
  'GET /vision/cameras/{deviceId}/privacy': {
    params: (ids) => ({ deviceId: ids.cameraId ?? '' }),
    query: () => 'day=2026-01-01',
  },
  'GET /vision/report': { query: () => 'period=2026-01' },
  // A month that has not begun: whoever may is told so, and no pages are drawn.
  'GET /vision/report.pdf': { query: () => 'period=2999-01', allowed: [400] },
  'GET /vision/report.xlsx': { query: () => 'period=2026-01' },
  'GET /review/items': {},
  'GET /review/items/{itemId}': {},
  'POST /review/items/{itemId}/decisions': { body: () => ({ decision: 'false' }) },
  'POST /review/items/{itemId}/undo': {},
  'POST /review/findings/{findingId}/verification': {},
  'POST /review/decisions': {
    level: 'anywhere',
    body: (ids) => ({ decision: 'false', items: [{ id: ids.itemId ?? uuid, version: 99 }] }),
  },
  'POST /review/undo': { level: 'anywhere', body: (ids) => ({ items: [{ id: ids.itemId ?? uuid, version: 99 }] }) },
  'PUT /review/items/{itemId}/look': {},
  'DELETE /review/items/{itemId}/look': {},
  'GET /review/precision': {},
  'POST /review/precision/{deviceId}/{ruleId}/threshold': {
    params: (ids) => ({ deviceId: ids.cameraId ?? '', ruleId: uuid }),
    body: () => ({ minConfidence: 0.6, was: 0.5 }),
    allowed: [200, 404, 412],
  },
  'GET /review/export': {},
  'GET /alarms': {},
  'GET /alarms/{alarmId}': {},
  'POST /alarms/{alarmId}/acknowledge': { body: () => ({}) },
  'GET /alarm-rules': {},
  'POST /alarm-rules': {
    body: (ids) => ({ hallId: ids.hallId, kind: 'unit_offline', severity: 'info', label: { zh: '规则' } }),
    foreign: [400, 404],
  },
  'PATCH /alarm-rules/{ruleId}': { body: () => ({ enabled: false }) },
  'DELETE /alarm-rules/{ruleId}': {},
  // offices, calendars, categories, kinds of tickets
  'GET /offices': anywhere,
  'GET /offices/{officeId}': shared,
  'POST /offices': { ...tenant, body: () => ({ code: fresh(), name: '科室' }) },
  'PATCH /offices/{officeId}': { ...tenant, body: () => ({ name: '改名' }) },
  'DELETE /offices/{officeId}': tenant,
  'PUT /offices/{officeId}/members': { ...tenant, body: () => ({ members: [] }) },
  'PUT /offices/{officeId}/areas': { ...tenant, body: () => ({ areas: [] }) },
  'PUT /offices/{officeId}/categories': { ...tenant, body: () => ({ categories: [] }) },
  'GET /stand-ins': anywhere,
  'PUT /stand-ins': { ...tenant, body: () => ({ items: [] }) },
  'GET /calendars': anywhere,
  'GET /calendars/{code}': { ...shared, params: calendar },
  'PUT /calendars/{code}': {
    ...{ ...tenant, params: calendar },
    body: (ids) => ({ code: ids.calendarCode, label: { zh: '历' }, zone: 'Asia/Shanghai', week: noShifts }),
  },
  'POST /calendars/{code}/holidays': { ...tenant, params: calendar, query: () => 'year=2026' },
  // A code that the organisation has no calendar of is a new one’s: nothing runs by it.
  'POST /calendars/{code}/what-if': {
    ...{ ...tenant, params: calendar, foreign: [200] },
    body: (ids) => ({
      document: { code: ids.calendarCode, label: { zh: '历' }, zone: 'Asia/Shanghai', week: noShifts },
    }),
  },
  'GET /category-trees': anywhere,
  'GET /category-trees/{tree}': { ...shared, params: tree },
  'GET /category-trees/{tree}/uses': { ...shared, params: tree },
  'PUT /category-trees/{tree}': { ...tenant, params: tree, body: () => ({ label: { zh: '树' }, items: [] }) },
  'GET /ticket-kinds': anywhere,
  'GET /ticket-kinds/makeable': anywhere,
  'GET /tickets/kinds': anywhere,
  'GET /ticket-kinds/{code}': { ...shared, params: kind },
  'GET /ticket-kinds/{code}/versions/{number}': { ...shared, params: (ids) => ({ ...kind(ids), number: '1' }) },
  'GET /ticket-kinds/{code}/diff': { ...shared, params: kind, query: () => 'from=1&to=draft' },
  'POST /ticket-kinds': { ...tenant, body: () => ({ code: fresh(), label: { zh: '类' } }) },
  'PATCH /ticket-kinds/{code}': { ...tenant, params: kind, body: () => ({ retired: true }) },
  'PUT /ticket-kinds/{code}/draft': { ...tenant, params: kind, body: () => ({}) },
  'DELETE /ticket-kinds/{code}/draft': { ...tenant, params: kind },
  'POST /ticket-kinds/{code}/publish': { ...tenant, params: kind },
  'POST /ticket-kinds/{code}/dry-run': {
    ...{ ...tenant, params: kind },
    body: () => ({ script: [{ as: 'desk', make: { fields: {} } }] }),
  },
  'POST /ticket-kinds/{code}/what-if': { ...tenant, params: kind, body: () => ({}) },
  // There is no second version to move to.
  'POST /ticket-kinds/{code}/migrate': { ...tenant, ...absent, params: kind, body: () => ({ from: 1, to: 2 }) },
  // tickets
  'GET /tickets': { query: () => 'view=all' },
  'GET /tickets/counts': anywhere,
  'POST /tickets': { body: (ids) => ({ kind: ids.kindCode, fields: { title: '矩阵' }, hallId: ids.hallId }) },
  'GET /tickets/{ticketId}': {},
  'GET /tickets/{ticketId}/history': {},
  'GET /tickets/{ticketId}/clocks': {},
  'GET /tickets/{ticketId}/event': {},
  'GET /tickets/aside': tenant,
  'POST /tickets/aside/retry': tenant,
  'POST /tickets/{ticketId}/clocks/what-if': { body: () => ({ level: 'major' }) },
  'POST /tickets/{ticketId}/acts': { body: () => ({ do: 'comment', opinion: '看过' }) },
  'POST /tickets/acts': {
    ...anywhere,
    body: (ids) => ({ acts: [{ ticketId: ids.ticketId, seq: 99, command: { do: 'comment', opinion: '看过' } }] }),
  },
  'GET /tickets/{ticketId}/parties': {},
  'POST /tickets/{ticketId}/split': { body: (ids) => ({ tickets: [{ kind: ids.kindCode, fields: { title: '子' } }] }) },
  // A program has no ticket in hand, and this kind has nothing personal.
  'POST /tickets/{ticketId}/reveal': { body: () => ({ field: 'phone', reason: '联系' }), allowed: [403, 404] },
  'POST /tickets/{ticketId}/files': { query: () => 'name=x.jpg' },
  'POST /ticket-files': { ...anywhere, query: () => 'name=x.jpg' },
  'GET /tickets/{ticketId}/files/{fileId}': { ...absent, params: () => ({ fileId: uuid }) },
  'GET /tickets/export': { query: () => 'view=all&format=csv' },
  'GET /ticket-filters': anywhere,
  'POST /ticket-filters': { person: true, body: () => ({ name: fresh(), filter: {} }) },
  'DELETE /ticket-filters/{filterId}': { person: true, params: () => ({ filterId: uuid }) },
  // assist and statistics of tickets
  'POST /ticket-assist/suggest': {
    ...anywhere,
    body: (ids) => ({ kind: kind(ids).code, fields: {} }),
    allowed: [200, 404],
  },
  'GET /ticket-assist/places': { ...anywhere, query: () => 'q=x' },
  'GET /ticket-assist': anywhere,
  'POST /ticket-assist/retrain': tenant,
  'GET /ticket-assist/sensitive-words': anywhere,
  'POST /ticket-assist/sensitive-words/test': { ...anywhere, body: () => ({ text: 'x' }) },
  'PUT /ticket-assist/sensitive-words': { ...tenant, body: () => ({ words: [] }) },
  'GET /ticket-statistics': { ...anywhere, query: () => 'from=2026-01-01&to=2026-01-02' },
  // authority, proof, backups
  'GET /certificate-authorities': tenant,
  'POST /certificate-authorities': { ...tenant, allowed: [200, 201, 409] },
  'POST /certificate-authorities/{caId}/activate': { ...tenant, ...absent, params: () => ({ caId: uuid }) },
  'POST /certificate-authorities/{caId}/retire': {
    ...tenant,
    ...absent,
    params: () => ({ caId: uuid }),
    body: () => ({}),
  },
  'GET /certificate-authorities/{caId}/units': { ...tenant, params: () => ({ caId: uuid }), allowed: [200, 404] },
  'GET /proof': { query: period },
  'POST /proof/reports': { ...tenant, body: () => ({ month: '2026-01' }), allowed: [200, 201, 202, 400, 409] },
  'GET /proof/reports': tenant,
  'GET /proof/reports/{reportId}': { ...tenant, ...absent, params: () => ({ reportId: uuid }) },
  'GET /proof/reports/{reportId}/document': { ...tenant, ...absent, params: () => ({ reportId: uuid }) },
  'GET /proof/reports/{reportId}/signature': { ...tenant, ...absent, params: () => ({ reportId: uuid }) },
  'GET /proof/reports/{reportId}/certificates': { ...tenant, ...absent, params: () => ({ reportId: uuid }) },
  'GET /backups': tenant,
  'POST /backups': tenant,
};

/** What anybody on the network may call, each with the reason. A new one is a decision: it stands here or the build fails. */
export const publicRoutes: Readonly<Record<string, string>> = {
  'POST /session': 'signing in',
  'POST /session/second-factor': 'signing in, second step; needs the pending sign-in’s cookie',
  'GET /session/providers': 'names of the sign-on buttons',
  'POST /session/providers/{providerId}': 'begins single sign-on',
  'GET /session/callback': 'the provider sends the browser back; state and nonce are checked',
  'GET /public/forms/{slug}': 'anybody may ask for something',
  'POST /public/forms/{slug}': 'anybody may ask for something; limited by network',
  'POST /public/tickets/{number}/progress': 'needs the ticket’s PIN; who guesses is held',
  'POST /public/tickets/{number}/visit': 'needs the ticket’s PIN',
  'POST /public/tickets/{number}/withdraw': 'needs the ticket’s PIN',
  'POST /invitations/look': 'needs the invitation’s secret',
  'POST /invitations/accept': 'needs the invitation’s secret',
  'POST /invitations/sign-on': 'needs the invitation’s secret',
  'GET /pki/trust.pem': 'the authority’s certificates are public',
  'GET /pki/crl.pem': 'the list of revoked certificates is public',
};
