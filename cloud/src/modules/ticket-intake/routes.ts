import { z } from '@hono/zod-openapi';
import { type AnyRoute, defineRoute } from '../../http/route.js';
import {
  createFormSchema,
  editFormSchema,
  formPreviewSchema,
  formReceiptSchema,
  judgedSchema,
  judgeSchema,
  pinSchema,
  previewFormSchema,
  publicFormSchema,
  publicTicketParams,
  publicTicketSchema,
  submitFormSchema,
  ticketFormSchema,
  withdrawSchema,
} from './contract.js';
import { findOpenForm, mostShownCategories } from './forms/find-form.js';
import { type FormLimits, isRobot } from './forms/form-limits.js';
import { judgeTicket } from './forms/judge-ticket.js';
import { makePin } from './forms/pin.js';
import { type PublicDeps, readPublicTicket } from './forms/public-ticket.js';
import { submitForm } from './forms/submit-form.js';
import { withdrawTicket } from './forms/withdraw-ticket.js';
import { archiveForm, createForm, editForm, listForms } from './verbs/forms.js';
import { previewForm } from './verbs/preview-form.js';

const tag = 'Ticket forms';
const form = z.object({ formId: z.uuid() });
const slugged = z.object({ slug: z.string().max(48) });
const maxFormBytes = 20 * 1024 * 1024;

/** Forms for everybody, and what those who used one may read and say afterwards. */
export const intakeRoutes = (deps: PublicDeps, limits: FormLimits): AnyRoute[] => [
  defineRoute({
    ...{ method: 'get', path: '/ticket-forms', right: 'ticketkind.read', tag, summary: 'Forms for everybody' },
    response: z.object({ items: z.array(ticketFormSchema) }),
    handler: ({ ctx }) => listForms(ctx),
  }),
  defineRoute({
    ...{ method: 'post', path: '/ticket-forms', right: 'ticketkind.write', tag, summary: 'A new form' },
    ...{ body: createFormSchema, response: ticketFormSchema },
    handler: ({ ctx, body }) => createForm(ctx, body),
  }),
  defineRoute({
    ...{ method: 'post', path: '/ticket-forms/preview', right: 'ticketkind.read', tag, status: 200 },
    ...{ summary: 'A form’s page as it would be, and what may stand on it', body: previewFormSchema },
    response: formPreviewSchema,
    handler: ({ ctx, body }) => previewForm(ctx, body),
  }),
  defineRoute({
    ...{ method: 'put', path: '/ticket-forms/{formId}', right: 'ticketkind.write', tag, summary: 'Change a form' },
    ...{ params: form, body: editFormSchema, response: ticketFormSchema, ifMatch: true },
    handler: ({ ctx, params, body, version }) => editForm(ctx, { ...params, version, change: body }),
  }),
  defineRoute({
    ...{
      method: 'delete',
      path: '/ticket-forms/{formId}',
      right: 'ticketkind.write',
      tag,
      summary: 'Take a form away',
    },
    ...{ params: form, ifMatch: true },
    handler: ({ ctx, params, version }) => archiveForm(ctx, { ...params, version }),
  }),
  defineRoute({
    ...{ method: 'get', path: '/public/forms/{slug}', right: 'public', tag, summary: 'What a form asks' },
    ...{ params: slugged, response: publicFormSchema },
    handler: async ({ params, request }) => {
      limits.read(request.ip);
      const { form: row, fields, required, categories } = await findOpenForm(deps.database, params.slug);
      const trees = [...categories].map(([tree, all]) => [
        tree,
        all.slice(0, mostShownCategories).map(({ path, label }) => ({ path: [...path], label })),
      ]);
      return {
        ...{ slug: row.slug, title: row.title, intro: row.intro, fields: [...fields], required: [...required] },
        categories: Object.fromEntries(trees),
      };
    },
  }),
  defineRoute({
    ...{ method: 'post', path: '/public/forms/{slug}', right: 'public', tag, summary: 'Send a form' },
    ...{ params: slugged, body: submitFormSchema, response: formReceiptSchema, maxBodyBytes: maxFormBytes },
    handler: async ({ params, body, request }) => {
      limits.submit(request.ip, params.slug);
      const open = await findOpenForm(deps.database, params.slug, { toAnswer: true });
      if (isRobot(body.website)) return { number: 'OK0000', pin: makePin() };
      const files = body.files.map(({ field, name, content }) => ({
        field,
        name,
        bytes: Buffer.from(content, 'base64'),
      }));
      const answers = { fields: body.fields, files, token: body.token };
      const { number, pin } = await submitForm(deps, open, { answers, request });
      return { number, pin };
    },
  }),
  defineRoute({
    ...{ method: 'post', path: '/public/tickets/{number}/progress', right: 'public', tag, status: 200 },
    ...{ summary: 'How far a request is; the PIN stands in the body, as no address bears one' },
    ...{ params: publicTicketParams, body: pinSchema, response: publicTicketSchema },
    handler: async ({ params, body, request }) => {
      limits.read(request.ip);
      const key = { ...params, ...body, ip: request.ip };
      const { progress, answers, causes, ticketId: _, ...shown } = await readPublicTicket(deps, key);
      return { ...shown, progress: [...progress], answers: [...answers], causes: [...causes] };
    },
  }),
  defineRoute({
    ...{ method: 'post', path: '/public/tickets/{number}/visit', right: 'public', tag, status: 200 },
    ...{ summary: 'How content the requester is', params: publicTicketParams, body: judgeSchema },
    response: judgedSchema,
    handler: ({ params, body, request }) => {
      limits.read(request.ip);
      return judgeTicket(deps, { ...params, ...body, ip: request.ip }, request);
    },
  }),
  defineRoute({
    ...{ method: 'post', path: '/public/tickets/{number}/withdraw', right: 'public', tag, status: 204 },
    ...{ summary: 'Take a request back', params: publicTicketParams, body: withdrawSchema },
    handler: ({ params, body, request }) => {
      limits.read(request.ip);
      return withdrawTicket(deps, { ...params, ...body, ip: request.ip }, request);
    },
  }),
];
