import { z } from '@hono/zod-openapi';
import { type AnyRoute, defineRoute } from '../../../http/route.js';
import { steerCamera } from './steer-camera.js';
import type { SteerTickets } from './steer-ticket.js';
import type { Tell } from './tell-unit.js';

const grantDto = z
  .object({
    ticket: z.string().nullable().describe('Null: somebody else has it'),
    session: z.uuid().nullable(),
    endsAt: z.iso.datetime().nullable(),
    heldBy: z
      .object({ name: z.string(), since: z.iso.datetime(), canTakeOver: z.boolean().describe('With `takeOver`') })
      .nullable(),
  })
  .openapi('SteerGrant');

export const steerRoutes = (deps: { readonly tickets: SteerTickets; readonly tell: Tell }): AnyRoute[] => [
  defineRoute({
    method: 'post',
    path: '/video/steer',
    right: 'camera.steer',
    tag: 'Video',
    summary: 'Takes a camera that turns in hand: a ticket for two minutes, or who has it',
    description:
      'One person at a time, until 20 s after the last word. On the live socket `{"steer":ticket}` and then `{"camera":0,"do":{…}}` (docs/protocol.md 8.6). With `renew` (the ticket before) it goes on. `takeOver`: from another window of one’s own; from another person with camera.overrule, where they have not got that.',
    body: z.object({
      deviceId: z.uuid(),
      takeOver: z.boolean().optional(),
      renew: z.string().max(4_096).optional(),
    }),
    response: grantDto,
    secretAnswer: true,
    handler: ({ ctx, body }) => steerCamera(ctx, deps, body),
  }),
];
