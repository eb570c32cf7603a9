import { presenceStates } from '@hallhub/shared/wire';
import { z } from '@hono/zod-openapi';
import { pageOf, pageQuerySchema } from '../../http/pagination.js';
import { type AnyRoute, defineRoute, Reply } from '../../http/route.js';
import {
  analysisStates,
  cameraDocumentSchema,
  cameraPlacesSchema,
  cameraSetUpSchema,
  cameraSummarySchema,
  copyResultSchema,
  copyViewSchema,
  importResultSchema,
  templateInputSchema,
  templateSchema,
  visionFileSchema,
} from './contract.js';
import { cameraPlaces } from './verbs/camera-places.js';
import { getCamera, listCameras, putCamera, type UnitNudge } from './verbs/camera-set-up.js';
import { copyView } from './verbs/copy-view.js';
import { createTemplate, deleteTemplate, listTemplates, updateTemplate } from './verbs/templates.js';
import { exportVision, importVision } from './verbs/transfer.js';

const tag = 'Vision';
const cameraParams = z.object({ deviceId: z.uuid() });
const templateParams = z.object({ templateId: z.uuid() });
const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
const maxFileBytes = 8 * 1_048_576;

export const setUpRoutes = ({ nudge }: { readonly nudge?: UnitNudge } = {}): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/vision/cameras',
    right: 'vision.read',
    tag,
    summary: 'Cameras, whether they are there, set up, and with how many rules, by hall and name',
    query: pageQuerySchema.extend({
      hallId: z.uuid().optional(),
      regionId: z.uuid().optional(),
      configured: flag.optional(),
      presence: z.enum([...presenceStates, 'unknown']).optional(),
      analysis: z.enum([...analysisStates, 'trouble']).optional(),
      q: z.string().trim().max(100).optional(),
    }),
    response: pageOf(cameraSummarySchema),
    handler: ({ ctx, query }) => listCameras(ctx, query),
  }),
  defineRoute({
    method: 'get',
    path: '/vision/places',
    right: 'vision.read',
    tag,
    summary: 'Halls with cameras: how many are there, set up and watched, and what their units can carry',
    response: cameraPlacesSchema,
    handler: ({ ctx }) => cameraPlaces(ctx),
  }),
  defineRoute({
    method: 'get',
    path: '/vision/cameras/{deviceId}',
    right: 'vision.read',
    tag,
    summary: 'All that one camera is watched for; version 0 where nobody has set anything',
    params: cameraParams,
    response: cameraSetUpSchema,
    handler: ({ ctx, params }) => getCamera(ctx, params),
  }),
  defineRoute({
    method: 'put',
    path: '/vision/cameras/{deviceId}',
    right: 'vision.write',
    tag,
    summary: 'Replace what one camera is watched for; its unit follows within a minute',
    ifMatch: true,
    params: cameraParams,
    body: cameraDocumentSchema,
    response: cameraSetUpSchema,
    handler: ({ ctx, params, body, version }) => putCamera(ctx, { ...params, document: body, version }, nudge),
  }),
  defineRoute({
    method: 'post',
    path: '/vision/cameras/{deviceId}/copies',
    right: 'vision.write',
    tag,
    summary: 'Copy one view’s rules to other cameras: a preview first, then with the versions it showed',
    params: cameraParams,
    body: copyViewSchema,
    response: copyResultSchema,
    status: 200,
    handler: ({ ctx, params, body }) => copyView(ctx, { ...params, ...body }, nudge),
  }),
  defineRoute({
    method: 'get',
    path: '/vision/templates',
    right: 'vision.read',
    tag,
    summary: 'Rules to begin with, of the whole organisation',
    response: z.object({ items: z.array(templateSchema) }),
    handler: ({ ctx }) => listTemplates(ctx),
  }),
  defineRoute({
    method: 'post',
    path: '/vision/templates',
    right: 'vision.write',
    tag,
    summary: 'Keep rules as a template',
    body: templateInputSchema,
    response: templateSchema,
    handler: ({ ctx, body }) => createTemplate(ctx, body),
  }),
  defineRoute({
    method: 'put',
    path: '/vision/templates/{templateId}',
    right: 'vision.write',
    tag,
    summary: 'Replace a template; cameras that were set up by it keep their rules',
    ifMatch: true,
    params: templateParams,
    body: templateInputSchema,
    response: templateSchema,
    handler: ({ ctx, params, body, version }) => updateTemplate(ctx, { ...params, ...body, version }),
  }),
  defineRoute({
    method: 'delete',
    path: '/vision/templates/{templateId}',
    right: 'vision.write',
    tag,
    summary: 'Take a template away',
    ifMatch: true,
    params: templateParams,
    handler: ({ ctx, params, version }) => deleteTemplate(ctx, { ...params, version }),
  }),
  defineRoute({
    method: 'get',
    path: '/vision/file',
    right: 'vision.read',
    tag,
    summary: 'Everything that is set up, as one file',
    query: z.object({ hallId: z.uuid().optional() }),
    response: visionFileSchema,
    handler: async ({ ctx, query }) =>
      new Reply(await exportVision(ctx, query), {
        headers: { 'content-disposition': 'attachment; filename="hallhub-vision.json"' },
      }),
  }),
  defineRoute({
    method: 'post',
    path: '/vision/file',
    right: 'vision.write',
    tag,
    summary: 'Take such a file in: a preview first (`dryRun=true`), then for good',
    query: z.object({ dryRun: flag.default(true) }),
    body: visionFileSchema,
    maxBodyBytes: maxFileBytes,
    response: importResultSchema,
    status: 200,
    handler: ({ ctx, query, body }) => importVision(ctx, { file: body, dryRun: query.dryRun }, nudge),
  }),
];
