import { z } from '@hono/zod-openapi';
import { type AnyRoute, defineRoute } from '../../../http/route.js';
import { listRepairLog } from '../verbs/repair-log.js';
import { listRepairRules, writeRepairRules } from '../verbs/repair-rules.js';
import { readDeviceRepairs } from './device-repairs.js';
import { listDevicesToReplace } from './devices-to-replace.js';
import { deviceRepairsSchema, devicesToReplaceSchema, repairLogSchema, repairRulesSchema } from './repair-contract.js';

const tag = 'Repairs';

export const repairRoutes = (): AnyRoute[] => [
  defineRoute({
    ...{ method: 'get', path: '/repair-rules', right: 'ticketkind.read', tag },
    ...{ summary: 'Which alarms open a repair', response: repairRulesSchema },
    handler: ({ ctx }) => listRepairRules(ctx),
  }),
  defineRoute({
    ...{ method: 'put', path: '/repair-rules', right: 'ticketkind.write', tag },
    ...{ summary: 'Which alarms open a repair, as a whole', body: repairRulesSchema, response: repairRulesSchema },
    handler: ({ ctx, body }) => writeRepairRules(ctx, body),
  }),
  defineRoute({
    ...{ method: 'get', path: '/repair-rules/log', right: 'ticket.read', tag },
    ...{ summary: 'What alarms became lately, newest first', response: repairLogSchema },
    query: z.object({ limit: z.coerce.number().int().min(1).max(200).default(50) }),
    handler: ({ ctx, query }) => listRepairLog(ctx, query),
  }),
  defineRoute({
    ...{ method: 'get', path: '/repairs/to-replace', right: 'ticket.read', tag },
    ...{ summary: 'Devices that failed three times within 30 days', response: devicesToReplaceSchema },
    handler: ({ ctx }) => listDevicesToReplace(ctx),
  }),
  defineRoute({
    ...{ method: 'get', path: '/devices/{deviceId}/repairs', right: 'ticket.read', tag },
    ...{ summary: 'Repairs of a device: history, parts, mean time to repair, whether to replace it' },
    ...{ params: z.object({ deviceId: z.uuid() }), response: deviceRepairsSchema },
    handler: ({ ctx, params }) => readDeviceRepairs(ctx, params),
  }),
];
