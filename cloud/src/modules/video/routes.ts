import { z } from '@hono/zod-openapi';
import { type AnyRoute, defineRoute } from '../../http/route.js';
import { livePath } from './live-sockets.js';
import type { LiveTickets } from './live-ticket.js';
import { watchCameras } from './verbs/watch-cameras.js';

const watchDto = z
  .object({
    ticket: z.string(),
    endsAt: z.iso.datetime(),
    /** Where the socket is opened: `?ticket=…`. */
    path: z.string(),
  })
  .openapi('LiveTicket');

export const videoRoutes = (deps: { readonly tickets: LiveTickets }): AnyRoute[] => [
  defineRoute({
    method: 'post',
    path: '/video/watch',
    right: 'vision.read',
    tag: 'Video',
    summary: 'A ticket for the live pictures of up to nine cameras, good for two minutes',
    description:
      'Opens a WebSocket at `path`. Binary messages: the camera’s place in `deviceIds` (one byte), then a record of docs/protocol.md 8.4. Send the next ticket as a text message before this one ends; with `renew` it makes a new entry in the audit trail only once an hour. `{"camera":0,"form":"mpeg1"}` as a text message asks for a camera encoded anew, where the browser cannot play what it sends; `copy` takes that back. `despiteMetered`: also over a line that is paid for by volume (needs vision.write).',
    body: z.object({
      deviceIds: z.array(z.uuid()).min(1).max(9),
      renew: z.string().max(8_192).optional(),
      despiteMetered: z.boolean().optional(),
    }),
    response: watchDto,
    secretAnswer: true,
    handler: async ({ ctx, body }) => ({ ...(await watchCameras(ctx, deps, body)), path: livePath }),
  }),
];
