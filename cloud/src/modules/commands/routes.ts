import { commandStateSchema } from '@hallhub/shared/wire';
import { z } from '@hono/zod-openapi';
import { pageOf, pageQuerySchema } from '../../http/pagination.js';
import { type AnyRoute, defineRoute } from '../../http/route.js';
import { commandBatchDtoSchema, commandDtoSchema, issueBatchSchema, issueCommandSchema } from './contract.js';
import { cancelBatch } from './verbs/cancel-batch.js';
import { cancelCommand } from './verbs/cancel-command.js';
import { issueBatch } from './verbs/issue-batch.js';
import { type CommandDeps, issueCommand } from './verbs/issue-command.js';
import { getCommand, listCommands } from './verbs/list-commands.js';
import { getBatch, listBatches } from './verbs/read-batches.js';

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
      batchId: z.uuid().optional(),
      name: z.string().max(64).optional(),
      open: z.stringbool().optional().describe('True: only those that have not ended'),
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
  defineRoute({
    method: 'post',
    path: '/command-batches',
    right: 'command.issue',
    tag,
    summary: 'Send one command to many devices, each by its own row in the ledger',
    body: issueBatchSchema,
    response: commandBatchDtoSchema,
    status: 202,
    handler: ({ ctx, body }) => issueBatch(ctx, deps, body),
  }),
  defineRoute({
    method: 'get',
    path: '/command-batches',
    right: 'command.read',
    tag,
    summary: 'Batches with their progress, newest first',
    query: pageQuerySchema,
    response: pageOf(commandBatchDtoSchema),
    handler: ({ ctx, query }) => listBatches(ctx, deps, query),
  }),
  defineRoute({
    method: 'get',
    path: '/command-batches/{batchId}',
    right: 'command.read',
    tag,
    summary: 'One batch with its progress; its commands are `/commands?batchId=`',
    params: z.object({ batchId: z.uuid() }),
    response: commandBatchDtoSchema,
    handler: ({ ctx, params }) => getBatch(ctx, deps, params),
  }),
  defineRoute({
    method: 'post',
    path: '/command-batches/{batchId}/cancel',
    right: 'command.issue',
    tag,
    summary: 'Take back what of a batch can still be taken back',
    params: z.object({ batchId: z.uuid() }),
    response: commandBatchDtoSchema,
    status: 200,
    handler: ({ ctx, params }) => cancelBatch(ctx, deps, params),
  }),
];
