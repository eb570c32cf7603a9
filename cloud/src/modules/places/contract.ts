import { z } from '@hono/zod-openapi';

export const placeKindSchema = z.enum(['region', 'hall', 'counter']);

/** WGS-84 degrees; maps that want GCJ-02 convert for display. */
export const locationSchema = z.object({ lon: z.number().min(-180).max(180), lat: z.number().min(-90).max(90) });

export const placeCountsSchema = z.object({
  unitsOnline: z.int(),
  units: z.int(),
  devicesOnline: z.int(),
  devices: z.int(),
  openAlarms: z.int(),
});
export type PlaceCounts = z.infer<typeof placeCountsSchema>;

/** `timeZone`, `address`, `location`, `counts`: halls only. A region's parent is a region or none, a hall's a region, a counter's a hall. */
export const placeSchema = z
  .object({
    id: z.uuid(),
    kind: placeKindSchema,
    parentId: z.uuid().nullable(),
    name: z.string(),
    code: z.string(),
    timeZone: z.string().optional(),
    address: z.string().nullable().optional(),
    location: locationSchema.nullable().optional(),
    version: z.int(),
    archivedAt: z.iso.datetime().nullable(),
    counts: placeCountsSchema.optional(),
  })
  .openapi('Place');
export type Place = z.infer<typeof placeSchema>;

const isTimeZone = (zone: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
};

const nameSchema = z.string().trim().min(1).max(100);
const codeSchema = z
  .string()
  .trim()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,39}$/u, 'Letters, digits, ".", "_" and "-", at most 40 of them');
const timeZoneSchema = z.string().max(64).refine(isTimeZone, 'An IANA time zone such as Asia/Shanghai');
const addressSchema = z.string().trim().max(300).nullable();

export const createPlaceSchema = z
  .discriminatedUnion('kind', [
    z.object({
      kind: z.literal('region'),
      parentId: z.uuid().nullable().default(null),
      name: nameSchema,
      code: codeSchema,
    }),
    z.object({
      kind: z.literal('hall'),
      parentId: z.uuid(),
      name: nameSchema,
      code: codeSchema,
      timeZone: timeZoneSchema.default('Asia/Shanghai'),
      address: addressSchema.default(null),
      location: locationSchema.nullable().default(null),
    }),
    z.object({ kind: z.literal('counter'), parentId: z.uuid(), name: nameSchema, code: codeSchema }),
  ])
  .openapi('CreatePlace');
export type CreatePlace = z.output<typeof createPlaceSchema>;

/** `archived: false` brings an archived place back. */
export const updatePlaceSchema = z
  .object({
    name: nameSchema.optional(),
    code: codeSchema.optional(),
    parentId: z.uuid().nullable().optional(),
    timeZone: timeZoneSchema.optional(),
    address: addressSchema.optional(),
    location: locationSchema.nullable().optional(),
    archived: z.boolean().optional(),
  })
  .openapi('UpdatePlace');
export type UpdatePlace = z.output<typeof updatePlaceSchema>;
