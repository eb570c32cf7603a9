import { Readable } from 'node:stream';
import { z } from '@hono/zod-openapi';
import type { BlobStore } from '../../blobs/index.js';
import { pageOf } from '../../http/pagination.js';
import { type AnyRoute, defineRoute } from '../../http/route.js';
import {
  decideManySchema,
  decideSchema,
  lookSchema,
  manyResultSchema,
  reviewDetailSchema,
  reviewFilterSchema,
  reviewItemSchema,
  reviewQuerySchema,
  rulePrecisionSchema,
  thresholdSchema,
  undoManySchema,
  verificationSchema,
} from './review-contract.js';
import type { UnitNudge } from './verbs/camera-set-up.js';
import { decideItem, undoDecision } from './verbs/decide-item.js';
import { decideMany, undoMany } from './verbs/decide-many.js';
import { exportReviews } from './verbs/export-reviews.js';
import { getReview, listReviews } from './verbs/list-reviews.js';
import { leaveItem, lookAtItem } from './verbs/look-at-item.js';
import { listPrecision } from './verbs/rule-precision.js';
import { setThreshold } from './verbs/set-threshold.js';
import { verifyFinding } from './verbs/verify-finding.js';

const tag = 'Review';
const itemParams = z.object({ itemId: z.uuid() });

export const reviewRoutes = (deps: { readonly blobs: BlobStore; readonly nudge?: UnitNudge }): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/review/items',
    right: 'vision.read',
    tag,
    summary: 'What cameras found, bundled: findings of one camera that overlap or lie within a minute are one item',
    query: reviewQuerySchema,
    response: pageOf(reviewItemSchema),
    handler: ({ ctx, query }) => listReviews(ctx, query),
  }),
  defineRoute({
    method: 'get',
    path: '/review/items/{itemId}',
    right: 'vision.read',
    tag,
    summary: 'One item with its findings and what is known of their pictures',
    params: itemParams,
    response: reviewDetailSchema,
    handler: ({ ctx, params }) => getReview(ctx, params),
  }),
  defineRoute({
    method: 'post',
    path: '/review/items/{itemId}/decisions',
    right: 'review.write',
    tag,
    summary: 'Decide an item, or some findings of it',
    ifMatch: true,
    params: itemParams,
    body: decideSchema,
    response: reviewDetailSchema,
    status: 200,
    handler: ({ ctx, params, body, version }) => decideItem(ctx, { ...params, ...body, version }),
  }),
  defineRoute({
    method: 'post',
    path: '/review/items/{itemId}/undo',
    right: 'review.write',
    tag,
    summary: 'Take one’s own decision back, within ten minutes',
    ifMatch: true,
    params: itemParams,
    response: reviewDetailSchema,
    status: 200,
    handler: ({ ctx, params, version }) => undoDecision(ctx, { ...params, version }),
  }),
  defineRoute({
    method: 'post',
    path: '/review/decisions',
    right: 'review.write',
    tag,
    summary: 'Decide several items alike, each by itself; what could not be decided is told, item by item',
    body: decideManySchema,
    response: manyResultSchema,
    status: 200,
    handler: ({ ctx, body }) => decideMany(ctx, body),
  }),
  defineRoute({
    method: 'post',
    path: '/review/undo',
    right: 'review.write',
    tag,
    summary: 'Take several of one’s own decisions back',
    body: undoManySchema,
    response: manyResultSchema,
    status: 200,
    handler: ({ ctx, body }) => undoMany(ctx, body),
  }),
  defineRoute({
    method: 'put',
    path: '/review/items/{itemId}/look',
    right: 'vision.read',
    tag,
    summary: 'Say that one has it open, and learn who else has; said again every 20 seconds',
    params: itemParams,
    response: lookSchema,
    handler: ({ ctx, params }) => lookAtItem(ctx, params),
  }),
  defineRoute({
    method: 'delete',
    path: '/review/items/{itemId}/look',
    right: 'vision.read',
    tag,
    summary: 'Look away',
    params: itemParams,
    handler: ({ ctx, params }) => leaveItem(ctx, params),
  }),
  defineRoute({
    method: 'post',
    path: '/review/findings/{findingId}/verification',
    right: 'vision.read',
    tag,
    summary: 'Compute hashes, chain and signature of a finding anew from what is stored',
    params: z.object({ findingId: z.uuid() }),
    response: verificationSchema,
    status: 200,
    handler: ({ ctx, params }) => verifyFinding(ctx, deps, params),
  }),
  defineRoute({
    method: 'get',
    path: '/review/precision',
    right: 'vision.read',
    tag,
    summary: 'How right each rule was by what reviewers said, and a threshold that would have been better',
    query: z.object({
      hallId: z.uuid().optional(),
      regionId: z.uuid().optional(),
      deviceId: z.uuid().optional(),
      from: z.iso.datetime().optional(),
      to: z.iso.datetime().optional(),
    }),
    response: z.object({ items: z.array(rulePrecisionSchema) }),
    handler: ({ ctx, query }) => listPrecision(ctx, query),
  }),
  defineRoute({
    method: 'post',
    path: '/review/precision/{deviceId}/{ruleId}/threshold',
    right: 'vision.write',
    tag,
    summary: 'Give one rule another threshold and leave the rest of its camera as it is',
    params: z.object({ deviceId: z.uuid(), ruleId: z.uuid() }),
    body: thresholdSchema,
    response: z.object({ minConfidence: z.number() }),
    status: 200,
    handler: ({ ctx, params, body }) => setThreshold(ctx, { ...params, ...body }, deps.nudge),
  }),
  defineRoute({
    method: 'get',
    path: '/review/export',
    right: 'evidence.read',
    tag,
    summary: 'A ZIP of a sheet (xlsx) and the pictures it links to; stands in the audit trail for each camera',
    query: reviewFilterSchema.extend({
      files: z.enum(['none', 'pictures', 'all']).default('pictures'),
      language: z.enum(['zh', 'en']).default('zh'),
    }),
    streams: 'application/zip',
    handler: async ({ ctx, query }) =>
      new Response(Readable.toWeb(await exportReviews(ctx, deps, query)) as ReadableStream<Uint8Array>, {
        headers: {
          'content-type': 'application/zip',
          'content-disposition': 'attachment; filename="hallhub-review.zip"',
          'x-content-type-options': 'nosniff',
          'cache-control': 'private, no-store',
        },
      }),
  }),
];
