import { z } from '@hono/zod-openapi';
import { pageOf } from '../../../http/pagination.js';
import { type AnyRoute, defineRoute } from '../../../http/route.js';
import {
  createMailboxSchema,
  editMailboxSchema,
  letterSchema,
  lettersQuery,
  mailboxParams,
  mailboxSchema,
  triedSchema,
  tryMailboxSchema,
} from './contract.js';
import type { MailDeps } from './mail-deps.js';
import type { MailDesk } from './mail-desk.js';
import { archiveMailbox, createMailbox, editMailbox, listLetters, listMailboxes, tryMailbox } from './mailbox-verbs.js';

const tag = 'Mailboxes';
const right = 'ticketkind.write';

/** Mailboxes whose letters become tickets. */
export const mailRoutes = (deps: MailDeps, desk: MailDesk): AnyRoute[] => [
  defineRoute({
    ...{ method: 'get', path: '/mailboxes', right, tag, summary: 'Mailboxes and how they fare' },
    response: z.object({ items: z.array(mailboxSchema) }),
    handler: ({ ctx }) => listMailboxes(ctx),
  }),
  defineRoute({
    ...{ method: 'post', path: '/mailboxes', right, tag, summary: 'A new mailbox' },
    ...{ body: createMailboxSchema, response: mailboxSchema },
    handler: async ({ ctx, body }) => {
      const made = await createMailbox(ctx, deps, body);
      desk.wake();
      return made;
    },
  }),
  defineRoute({
    ...{ method: 'post', path: '/mailboxes/test', right, tag, summary: 'Try to sign in', status: 200 },
    ...{ body: tryMailboxSchema, response: triedSchema },
    handler: ({ ctx, body }) => tryMailbox(ctx, deps, body),
  }),
  defineRoute({
    ...{
      method: 'put',
      path: '/mailboxes/{mailboxId}',
      right,
      tag,
      summary: 'Change a mailbox, and look at once',
      ifMatch: true,
    },
    ...{ params: mailboxParams, body: editMailboxSchema, response: mailboxSchema },
    handler: async ({ ctx, params, body, version }) => {
      const changed = await editMailbox(ctx, deps, { ...params, version, change: body });
      desk.wake();
      return changed;
    },
  }),
  defineRoute({
    ...{
      method: 'delete',
      path: '/mailboxes/{mailboxId}',
      right,
      tag,
      summary: 'Read it no more',
      ifMatch: true,
      params: mailboxParams,
    },
    handler: ({ ctx, params, version }) => archiveMailbox(ctx, { ...params, version }),
  }),
  defineRoute({
    ...{ method: 'get', path: '/mailboxes/{mailboxId}/letters', right, tag, summary: 'What became of its letters' },
    ...{ params: mailboxParams, query: lettersQuery, response: pageOf(letterSchema) },
    handler: ({ ctx, params, query }) => listLetters(ctx, deps, { ...params, ...query }),
  }),
];
