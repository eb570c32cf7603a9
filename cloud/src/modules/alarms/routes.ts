import { severities } from '@hallhub/shared/wire';
import { z } from '@hono/zod-openapi';
import { pageOf, pageQuerySchema } from '../../http/pagination.js';
import { type AnyRoute, defineRoute } from '../../http/route.js';
import {
  alarmDetailSchema,
  alarmDtoSchema,
  alarmRuleDtoSchema,
  createAlarmRuleSchema,
  updateAlarmRuleSchema,
} from './contract.js';
import { acknowledgeAlarm } from './verbs/acknowledge-alarm.js';
import {
  type AlarmDeps,
  createAlarmRule,
  deleteAlarmRule,
  listAlarmRules,
  updateAlarmRule,
} from './verbs/alarm-rules.js';
import { getAlarm, listAlarms } from './verbs/list-alarms.js';

const tag = 'Alarms';
const alarmParams = z.object({ alarmId: z.uuid() });
const ruleParams = z.object({ ruleId: z.uuid() });

export const alarmRoutes = (deps: AlarmDeps): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/alarms',
    right: 'alarm.read',
    tag,
    summary: 'Alarms, open and severe first',
    query: pageQuerySchema.extend({
      state: z.enum(['open', 'acknowledged', 'cleared']).optional(),
      severity: z.enum(severities).optional(),
      hallId: z.uuid().optional(),
      unitId: z.uuid().optional(),
      deviceId: z.uuid().optional(),
      from: z.iso.datetime().optional(),
      to: z.iso.datetime().optional(),
    }),
    response: pageOf(alarmDtoSchema),
    handler: ({ ctx, query }) => listAlarms(ctx, query),
  }),
  defineRoute({
    method: 'get',
    path: '/alarms/{alarmId}',
    right: 'alarm.read',
    tag,
    summary: 'One alarm with its history',
    params: alarmParams,
    response: alarmDetailSchema,
    handler: ({ ctx, params }) => getAlarm(ctx, params),
  }),
  defineRoute({
    method: 'post',
    path: '/alarms/{alarmId}/acknowledge',
    right: 'alarm.acknowledge',
    tag,
    summary: 'Say that the alarm has been seen; later calls add a note',
    params: alarmParams,
    body: z.object({ note: z.string().trim().min(1).max(1_000).optional() }),
    response: alarmDtoSchema,
    status: 200,
    handler: ({ ctx, params, body }) => acknowledgeAlarm(ctx, { ...params, ...body }),
  }),
  defineRoute({
    method: 'get',
    path: '/alarm-rules',
    right: 'alarm.read',
    tag,
    summary: 'Rules of halls, beside those that come with device profiles',
    query: pageQuerySchema.extend({ hallId: z.uuid().optional(), deviceId: z.uuid().optional() }),
    response: pageOf(alarmRuleDtoSchema),
    handler: ({ ctx, query }) => listAlarmRules(ctx, query),
  }),
  defineRoute({
    method: 'post',
    path: '/alarm-rules',
    right: 'alarm.write',
    tag,
    summary: 'Add a rule to a hall',
    body: createAlarmRuleSchema,
    response: alarmRuleDtoSchema,
    handler: ({ ctx, body }) => createAlarmRule(ctx, deps, body),
  }),
  defineRoute({
    method: 'patch',
    path: '/alarm-rules/{ruleId}',
    right: 'alarm.write',
    tag,
    summary: 'Change a rule, or switch it off',
    ifMatch: true,
    params: ruleParams,
    body: updateAlarmRuleSchema,
    response: alarmRuleDtoSchema,
    handler: ({ ctx, params, body, version }) => updateAlarmRule(ctx, deps, { ...params, ...body, version }),
  }),
  defineRoute({
    method: 'delete',
    path: '/alarm-rules/{ruleId}',
    right: 'alarm.write',
    tag,
    summary: 'Take a rule out of use',
    ifMatch: true,
    params: ruleParams,
    handler: ({ ctx, params, version }) => deleteAlarmRule(ctx, deps, { ...params, version }),
  }),
];
