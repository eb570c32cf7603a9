import { z } from '@hono/zod-openapi';
import { type AnyRoute, defineRoute } from '../../../http/route.js';
import { dispositionOf } from '../../evidence/content-response.js';
import { downloadRecording, planDownload } from './verbs/download-recording.js';
import { listRecorded } from './verbs/list-recorded.js';
import { beginViewing, playRecording, type ViewDeps } from './verbs/view-recording.js';

const tag = 'Video';
const params = z.object({ deviceId: z.uuid() });
const time = z.iso.datetime();
const span = { from: time, to: time };
/** `despiteMetered` needs vision.write. */
const wanted = z.object({ ...span, despiteMetered: z.boolean().optional() });

const recordedDto = z
  .object({
    deviceId: z.uuid(),
    timeZone: z.string(),
    spans: z.array(z.object(span)),
    oldestAt: time.nullable(),
    newestAt: time.nullable(),
  })
  .openapi('Recorded');

const viewingDto = z.object({ ticket: z.string(), endsAt: time }).openapi('Viewing');

const downloadDto = z
  .object({
    ...{ ticket: z.string(), endsAt: time, ...span, bytes: z.int(), pictures: z.int() },
    ...{ width: z.int(), height: z.int(), codec: z.string(), holes: z.int(), changesAt: time.nullable() },
  })
  .openapi('PlannedDownload');

const noStore = { 'cache-control': 'private, no-store', 'x-content-type-options': 'nosniff' };

export const playbackRoutes = (deps: ViewDeps): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/video/recordings/{deviceId}/spans',
    right: 'recording.read',
    tag,
    summary: 'What the unit has recorded of a camera in a time of up to 32 days, asked of the unit now',
    params,
    query: z.object(span),
    response: recordedDto,
    handler: ({ ctx, params: { deviceId }, query }) => listRecorded(ctx, deps, { deviceId, ...query }),
  }),
  defineRoute({
    method: 'post',
    path: '/video/recordings/{deviceId}/viewings',
    right: 'recording.read',
    tag,
    summary: 'Begins to view what a camera recorded of a day; stands in the audit trail',
    params,
    body: wanted,
    response: viewingDto,
    secretAnswer: true,
    handler: ({ ctx, params: { deviceId }, body }) => beginViewing(ctx, deps, { deviceId, ...body }),
  }),
  defineRoute({
    method: 'get',
    path: '/video/recordings/{deviceId}/media',
    right: 'recording.read',
    tag,
    summary: 'A piece of what a camera recorded, as records of docs/protocol.md 8.5',
    params,
    query: z.object({
      ticket: z.string().max(4_096),
      from: time,
      to: time.optional(),
      cursor: z
        .string()
        .regex(/^\d{1,10}\.\d{1,15}$/)
        .optional(),
      pictures: z.enum(['all', 'keys']).default('all'),
    }),
    streams: 'application/octet-stream',
    handler: async ({ ctx, params: { deviceId }, query, c }) => {
      const { body } = await playRecording(ctx, deps, { deviceId, ...query, signal: c.req.raw.signal });
      return new Response(body, { headers: { ...noStore, 'content-type': 'application/octet-stream' } });
    },
  }),
  defineRoute({
    method: 'post',
    path: '/video/recordings/{deviceId}/downloads',
    right: 'recording.export',
    tag,
    summary: 'Plans one MP4 of up to 30 minutes, as it was recorded; fetched with the ticket within two minutes',
    params,
    body: wanted,
    response: downloadDto,
    secretAnswer: true,
    handler: ({ ctx, params: { deviceId }, body }) => planDownload(ctx, deps, { deviceId, ...body }),
  }),
  defineRoute({
    method: 'get',
    path: '/video/recordings/{deviceId}/file',
    right: 'recording.export',
    tag,
    summary: 'The planned MP4; the audit trail says who took it and the SHA-256 of what was handed out',
    params,
    query: z.object({ ticket: z.string().max(4_096) }),
    streams: 'video/mp4',
    handler: async ({ ctx, params: { deviceId }, query }) => {
      const { name, bytes, body } = await downloadRecording(ctx, deps, { deviceId, ...query });
      return new Response(body, {
        headers: {
          ...noStore,
          'content-type': 'video/mp4',
          'content-length': String(bytes),
          'content-disposition': dispositionOf(deviceId, { name, mediaType: 'video/mp4' }),
        },
      });
    },
  }),
];
