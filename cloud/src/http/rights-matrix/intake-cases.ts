import type { RouteCase } from './cases.js';

const uuid = '0190a1b2-0000-7000-8000-000000000001';
const tenant = { level: 'tenant' } as const;
/** There is no such row anywhere: nobody may get anything but 404 (or 403), whatever they hold. */
const absent = { ...tenant, allowed: [404], foreign: [404] } as const;
const channel = { ...absent, params: () => ({ channelId: uuid }) };
const message = { ...absent, params: () => ({ channelId: uuid, messageId: uuid }) };
const mailbox = { ...absent, params: () => ({ mailboxId: uuid }) };
const mailServer = { host: '169.254.1.1', port: 993, security: 'tls', userName: 'a', password: 'b' };
const imported = { ...absent, level: 'anywhere', params: () => ({ importId: uuid }) } as const;
const claim = { source: 'wechat', person: 'o-1' };
const claimed = (more: object) =>
  ({
    ...absent,
    level: 'anywhere',
    params: () => ({ number: 'GD20260101000001' }),
    body: () => ({ ...claim, ...more }),
  }) as const;
let made = 0;

const intakeRule = { name: '规则', source: 'vision', kind: 'video_case' };
const formBody = { kind: 'none', title: { zh: '表单' }, fields: ['title'] };

/** Where tickets come from and go to, beside the console. */
export const intakeCases: Readonly<Record<string, RouteCase>> = {
  'GET /ticket-forms': { level: 'anywhere' },
  // A kind that nobody published: 400, and nothing is made.
  'POST /ticket-forms': { ...tenant, body: () => ({ ...formBody, slug: 'none' }) },
  'POST /ticket-forms/preview': { level: 'anywhere', body: () => ({ ...formBody, slug: 'none' }) },
  'PUT /ticket-forms/{formId}': { ...absent, params: () => ({ formId: uuid }), body: () => formBody },
  'DELETE /ticket-forms/{formId}': { ...absent, params: () => ({ formId: uuid }) },
  // Nobody has a form of this slug, nor a request of this number.
  'POST /front-requests': {
    ...{ ...absent, level: 'anywhere' },
    body: () => ({ form: 'none', source: 'api', origin: 'matrix', fields: {} }),
  },
  'POST /front-requests/list': { level: 'anywhere', body: () => claim },
  'POST /front-requests/{number}/progress': claimed({}),
  'POST /front-requests/{number}/visit': claimed({ satisfaction: 5 }),
  'POST /front-requests/{number}/withdraw': claimed({ words: '不用了' }),
  'GET /repair-rules': { level: 'anywhere' },
  'PUT /repair-rules': { ...tenant, body: () => ({ items: [] }) },
  'GET /repair-rules/log': { level: 'anywhere' },
  'GET /incidents/report': { level: 'anywhere' },
  'GET /incidents/export': { level: 'anywhere' },
  'POST /incidents/support-line': { ...tenant, body: () => ({ day: '2026-01-01', offered: 1, answered: 1 }) },
  'GET /supervision/tasks': { level: 'anywhere' },
  'GET /supervision/export': { level: 'anywhere' },
  'GET /intake-sources': { level: 'anywhere' },
  'GET /intake-rules': { level: 'anywhere' },
  'GET /intake-rules/log': { level: 'anywhere' },
  'POST /intake-rules': { ...tenant, body: () => intakeRule },
  'POST /intake-rules/check': { level: 'anywhere', body: () => intakeRule },
  'PUT /intake-rules/{ruleId}': { ...absent, params: () => ({ ruleId: uuid }), body: () => intakeRule },
  'DELETE /intake-rules/{ruleId}': { ...absent, params: () => ({ ruleId: uuid }) },
  'GET /review/items/{itemId}/cases': { ...absent, level: 'anywhere', params: () => ({ itemId: uuid }) },
  'POST /review/items/{itemId}/cases': {
    ...{ ...absent, level: 'anywhere' },
    params: () => ({ itemId: uuid }),
    body: () => ({}),
  },
  // Who may not read tickets has no ticket to ask about.
  'GET /tickets/{ticketId}/findings': { allowed: [200, 404] },
  'GET /repairs/to-replace': { level: 'anywhere' },
  'GET /devices/{deviceId}/repairs': {},
  'GET /ticket-imports/template': { level: 'anywhere', query: () => 'kind=none', allowed: [404], foreign: [404] },
  'GET /ticket-imports': { level: 'anywhere' },
  'POST /ticket-imports': { level: 'anywhere', person: true, query: () => 'kind=none&name=x.csv' },
  'GET /ticket-imports/{importId}': imported,
  'GET /ticket-imports/{importId}/faults': imported,
  'PUT /ticket-imports/{importId}/mapping': { ...imported, body: () => ({ mapping: [] }) },
  'POST /ticket-imports/{importId}/start': imported,
  'DELETE /ticket-imports/{importId}': imported,
  'GET /ticket-imports/{importId}/bad-rows': imported,
  'GET /mailboxes': tenant,
  // A kind that nobody published: 400, and nothing is made.
  'POST /mailboxes': { ...tenant, body: () => ({ ...mailServer, name: '邮箱', address: 'a@b.cn', kind: 'none' }) },
  'POST /mailboxes/test': { ...tenant, body: () => mailServer },
  'PUT /mailboxes/{mailboxId}': {
    ...mailbox,
    body: () => ({ ...mailServer, name: '邮箱', address: 'a@b.cn', kind: 'none' }),
  },
  'DELETE /mailboxes/{mailboxId}': mailbox,
  'GET /mailboxes/{mailboxId}/letters': mailbox,
  'GET /exchange-channels': tenant,
  'POST /exchange-channels': {
    ...tenant,
    body: () => ({ code: `c${(made++).toString(36)}`, name: '平台', partner: 'other', mapping: { v: 1 } }),
  },
  'GET /exchange-channels/{channelId}': channel,
  'PATCH /exchange-channels/{channelId}': { ...channel, body: () => ({ name: '改名' }) },
  'DELETE /exchange-channels/{channelId}': channel,
  'POST /exchange-channels/{channelId}/secret': channel,
  'POST /exchange-channels/{channelId}/test': channel,
  'GET /exchange-channels/{channelId}/messages': channel,
  'GET /exchange-channels/{channelId}/messages/{messageId}': message,
  'POST /exchange-channels/{channelId}/messages/{messageId}/replay': message,
  'POST /exchange-channels/{channelId}/messages/{messageId}/drop': { ...message, body: () => ({ reason: '放弃' }) },
  'POST /exchange-channels/{channelId}/comparisons': channel,
  'GET /exchange-channels/{channelId}/comparisons': channel,
};
