import { z } from '@hono/zod-openapi';
import { withTenant } from '../../../db/index.js';
import { type AnyRoute, defineRoute } from '../../../http/route.js';
import { listIntakeLog } from './intake-log.js';
import { listItemCases, makeItemCase } from './item-cases.js';
import { readSources } from './read-sources.js';
import { checkIntakeRule, createIntakeRule, editIntakeRule, listIntakeRules, removeIntakeRule } from './rules.js';
import {
  caseOfItemSchema,
  intakeLogLineSchema,
  intakeOutcomeNames,
  intakeRuleSchema,
  intakeSourceSchema,
  makeCaseSchema,
  ruleHintSchema,
  ticketFindingSchema,
  writeIntakeRuleSchema,
} from './source-contract.js';
import { listTicketFindings } from './ticket-findings.js';

const tag = 'Tickets by rule';
const rule = z.object({ ruleId: z.uuid() });
const item = z.object({ itemId: z.uuid() });

export const sourceRoutes = (): AnyRoute[] => [
  defineRoute({
    ...{ method: 'get', path: '/intake-sources', right: 'ticketkind.read', tag, summary: 'What rules may be about' },
    response: z.object({ items: z.array(intakeSourceSchema) }),
    handler: ({ ctx }) => withTenant(ctx.db, ctx.actor, (tx) => readSources(tx, ctx), { readOnly: true }),
  }),
  defineRoute({
    ...{ method: 'get', path: '/intake-rules', right: 'ticketkind.read', tag },
    summary: 'Which findings, answers and events open a ticket, with hints and what each did lately',
    response: z.object({ items: z.array(intakeRuleSchema) }),
    handler: ({ ctx }) => listIntakeRules(ctx),
  }),
  defineRoute({
    ...{ method: 'post', path: '/intake-rules', right: 'ticketkind.write', tag, summary: 'A new rule; off by default' },
    ...{ body: writeIntakeRuleSchema, response: intakeRuleSchema },
    handler: ({ ctx, body }) => createIntakeRule(ctx, body),
  }),
  defineRoute({
    ...{ method: 'post', path: '/intake-rules/check', right: 'ticketkind.read', tag, status: 200 },
    ...{ summary: 'What would be hinted at', body: writeIntakeRuleSchema },
    response: z.object({ hints: z.array(ruleHintSchema) }),
    handler: ({ ctx, body }) => checkIntakeRule(ctx, body),
  }),
  defineRoute({
    ...{ method: 'put', path: '/intake-rules/{ruleId}', right: 'ticketkind.write', tag, summary: 'Change a rule' },
    ...{ params: rule, body: writeIntakeRuleSchema, response: intakeRuleSchema, ifMatch: true },
    handler: ({ ctx, params, body, version }) => editIntakeRule(ctx, { ...params, version, change: body }),
  }),
  defineRoute({
    ...{
      method: 'delete',
      path: '/intake-rules/{ruleId}',
      right: 'ticketkind.write',
      tag,
      summary: 'Take a rule away',
    },
    ...{ params: rule, ifMatch: true },
    handler: ({ ctx, params, version }) => removeIntakeRule(ctx, { ...params, version }),
  }),
  defineRoute({
    ...{ method: 'get', path: '/intake-rules/log', right: 'ticket.read', tag },
    summary: 'What rules did lately, newest first, held back ones too',
    query: z.object({
      ruleId: z.uuid().optional(),
      outcome: z.enum(intakeOutcomeNames).optional(),
      limit: z.coerce.number().int().min(1).max(200).default(50),
    }),
    response: z.object({ items: z.array(intakeLogLineSchema) }),
    handler: ({ ctx, query }) => listIntakeLog(ctx, query),
  }),
  defineRoute({
    ...{ method: 'get', path: '/tickets/{ticketId}/findings', right: 'vision.read', tag },
    ...{ summary: 'What cameras found that a ticket is about', params: z.object({ ticketId: z.uuid() }) },
    response: z.object({ items: z.array(ticketFindingSchema) }),
    handler: ({ ctx, params }) => listTicketFindings(ctx, params),
  }),
  defineRoute({
    ...{ method: 'get', path: '/review/items/{itemId}/cases', right: 'vision.read', tag },
    ...{ summary: 'Cases of an item’s findings, and what came of them', params: item },
    response: z.object({ items: z.array(caseOfItemSchema) }),
    handler: ({ ctx, params }) => listItemCases(ctx, params),
  }),
  defineRoute({
    ...{ method: 'post', path: '/review/items/{itemId}/cases', right: 'ticket.make', tag, status: 200 },
    ...{ summary: 'Make a case of an item: once, however often it is asked', params: item, body: makeCaseSchema },
    response: z.object({ items: z.array(caseOfItemSchema) }),
    handler: ({ ctx, params, body }) => makeItemCase(ctx, { ...params, ...body }),
  }),
];
