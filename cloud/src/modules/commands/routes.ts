import { commandStateSchema } from '@hallhub/shared/wire';
import { z } from '@hono/zod-openapi';
import { pageOf, pageQuerySchema } from '../../http/pagination.js';
import { type AnyRoute, defineRoute } from '../../http/route.js';
import { commandDtoSchema, issueCommandSchema } from './contract.js';
import { cancelCommand } from './verbs/cancel-command.js';
import { type CommandDeps, issueCommand } from './verbs/issue-command.js';
import { getCommand, listCommands } from './verbs/list-commands.js';

const tag = 'Commands';
const commandParams = z.object({ commandId: z.uuid() });

export const commandRoutes = (deps: CommandDeps): AnyRoute[] => [
  defineRoute({
    method: 'post',
    path: '/devices/{deviceId}/commands',
    right: 'command.issue',
    tag,
    summary: 'Send a command to a device',
    params: z.object({ deviceId: z.uuid() }),
    body: issueCommandSchema,
    response: commandDtoSchema,
    status: 202,
    handler: ({ ctx, params, body }) => issueCommand(ctx, deps, { ...params, ...body }),
  }),
  defineRoute({
    method: 'get',
    path: '/commands',
    right: 'command.read',
    tag,
    summary: 'Commands, newest first',
    query: pageQuerySchema.extend({
      deviceId: z.uuid().optional(),
      unitId: z.uuid().optional(),
      hallId: z.uuid().optional(),
      state: commandStateSchema.optional(),
      from: z.iso.datetime().optional(),
      to: z.iso.datetime().optional(),
    }),
    response: pageOf(commandDtoSchema),
    handler: ({ ctx, query }) => listCommands(ctx, deps, query),
  }),
  defineRoute({
    method: 'get',
    path: '/commands/{commandId}',
    right: 'command.read',
    tag,
    summary: 'One command with its steps',
    params: commandParams,
    response: commandDtoSchema,
    handler: ({ ctx, params }) => getCommand(ctx, deps, params),
  }),
  defineRoute({
    method: 'post',
    path: '/commands/{commandId}/cancel',
    right: 'command.issue',
    tag,
    summary: 'Take a command back, where that is still possible',
    params: commandParams,
    response: commandDtoSchema,
    status: 200,
    handler: ({ ctx, params }) => cancelCommand(ctx, deps, params),
  }),
];
