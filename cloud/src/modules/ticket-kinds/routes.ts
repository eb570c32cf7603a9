import { slugSchema } from '@hallhub/shared/ticket';
import { z } from '@hono/zod-openapi';
import { type AnyRoute, defineRoute } from '../../http/route.js';
import {
  createKindSchema,
  diffQuerySchema,
  diffSchema,
  draftDocumentSchema,
  draftSavedSchema,
  kindPageSchema,
  kindPublishedSchema,
  kindSummarySchema,
  kindVersionSchema,
  makeableSchema,
  migratedSchema,
  migrateSchema,
  trialSchema,
} from './contract.js';
import { compareKind } from './verbs/compare-kind.js';
import { getKind, getKindVersion, listKinds, listMakeableKinds } from './verbs/list-kinds.js';
import { migrateTickets } from './verbs/migrate-tickets.js';
import { tryKind } from './verbs/try-kind.js';
import { createKind, discardDraft, publishKind, retireKind, saveDraft } from './verbs/write-kind.js';

const tag = 'Ticket kinds';
const params = z.object({ code: slugSchema });

const reading = (): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/ticket-kinds',
    right: 'ticketkind.read',
    tag,
    summary: 'Kinds of tickets, published or being written',
    response: z.object({ items: z.array(kindSummarySchema) }),
    handler: ({ ctx }) => listKinds(ctx),
  }),
  defineRoute({
    method: 'get',
    path: '/ticket-kinds/makeable',
    right: 'ticket.make',
    tag,
    summary: 'Kinds that new tickets can be made of, each as it is published',
    response: z.object({ items: z.array(makeableSchema) }),
    handler: ({ ctx }) => listMakeableKinds(ctx),
  }),
  defineRoute({
    method: 'get',
    path: '/tickets/kinds',
    right: 'ticket.read',
    tag,
    summary: 'Kinds that a list of tickets can be narrowed by, each as it is published',
    response: z.object({ items: z.array(makeableSchema) }),
    handler: ({ ctx }) => listMakeableKinds(ctx),
  }),
  defineRoute({
    method: 'get',
    path: '/ticket-kinds/{code}',
    right: 'ticketkind.read',
    tag,
    summary: 'One kind: its draft with what is wrong with it, and its versions',
    params,
    response: kindPageSchema,
    handler: ({ ctx, params: at }) => getKind(ctx, at),
  }),
  defineRoute({
    method: 'get',
    path: '/ticket-kinds/{code}/versions/{number}',
    right: 'ticketkind.read',
    tag,
    summary: 'One published version; it never changes',
    params: params.extend({ number: z.coerce.number().int().min(1) }),
    response: kindVersionSchema,
    handler: ({ ctx, params: at }) => getKindVersion(ctx, at),
  }),
  defineRoute({
    method: 'get',
    path: '/ticket-kinds/{code}/diff',
    right: 'ticketkind.read',
    tag,
    summary: 'What is another between two versions, or one and the draft',
    params,
    query: diffQuerySchema,
    response: diffSchema,
    handler: ({ ctx, params: at, query }) => compareKind(ctx, { ...at, ...query }),
  }),
];

const writing = (): AnyRoute[] => [
  defineRoute({
    method: 'post',
    path: '/ticket-kinds',
    right: 'ticketkind.write',
    tag,
    summary: 'A new kind, from the blank one or from another',
    body: createKindSchema,
    response: kindPageSchema,
    handler: ({ ctx, body }) => createKind(ctx, body),
  }),
  defineRoute({
    method: 'patch',
    path: '/ticket-kinds/{code}',
    right: 'ticketkind.write',
    tag,
    summary: 'Retire a kind, or bring it back',
    ifMatch: true,
    params,
    body: z.object({ retired: z.boolean() }),
    response: kindPageSchema,
    handler: ({ ctx, params: at, body, version }) => retireKind(ctx, { ...at, ...body, version }),
  }),
  defineRoute({
    method: 'put',
    path: '/ticket-kinds/{code}/draft',
    right: 'ticketkind.write',
    tag,
    summary: 'Save the draft, finished or not; the answer says what is wrong with it',
    ifMatch: true,
    params,
    body: draftDocumentSchema,
    response: draftSavedSchema,
    handler: ({ ctx, params: at, body, version }) => saveDraft(ctx, { ...at, document: body, version }),
  }),
  defineRoute({
    method: 'delete',
    path: '/ticket-kinds/{code}/draft',
    right: 'ticketkind.write',
    tag,
    summary: 'Discard the draft; a kind that was never published is gone',
    ifMatch: true,
    params,
    handler: ({ ctx, params: at, version }) => discardDraft(ctx, { ...at, version }),
  }),
  defineRoute({
    method: 'post',
    path: '/ticket-kinds/{code}/publish',
    right: 'ticketkind.write',
    tag,
    summary: 'Make the draft the version that new tickets begin with',
    ifMatch: true,
    params,
    response: kindPublishedSchema,
    handler: ({ ctx, params: at, version }) => publishKind(ctx, { ...at, version }),
  }),
  defineRoute({
    method: 'post',
    path: '/ticket-kinds/{code}/dry-run',
    right: 'ticketkind.write',
    tag,
    summary: 'Play a script on the draft, or on a document; nothing is stored',
    params,
    body: trialSchema,
    response: z.object({
      steps: z.array(z.unknown()).describe('Of each: instant (epoch ms), lines of history, refusal, state, clocks'),
      offers: z.array(z.unknown()).describe('What may be done next, and by whom'),
      parties: z.record(z.string(), z.object({ kind: z.enum(['person', 'office']), name: z.string() })),
    }),
    status: 200,
    handler: async ({ ctx, params: at, body }) => {
      const { steps, offers, parties } = await tryKind(ctx, { ...at, ...body });
      return { steps: [...steps], offers: [...offers], parties };
    },
  }),
  defineRoute({
    method: 'post',
    path: '/ticket-kinds/{code}/migrate',
    right: 'ticketkind.write',
    tag,
    summary: 'Move running tickets from one version to another; a dry run only tells',
    params,
    body: migrateSchema,
    response: migratedSchema,
    status: 200,
    handler: ({ ctx, params: at, body }) => migrateTickets(ctx, { ...at, ...body }),
  }),
];

export const ticketKindRoutes = (): AnyRoute[] => [...reading(), ...writing()];
