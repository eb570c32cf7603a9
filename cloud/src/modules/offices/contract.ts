import { slugSchema } from '@hallhub/shared/ticket';
import { z } from '@hono/zod-openapi';

export const mostOffices = 2_000;

const nameSchema = z.string().trim().min(1).max(100);
const codeSchema = z
  .string()
  .trim()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u, 'Letters, digits, ".", "_" and "-", at most 64 of them');
const id = z.uuid();

const memberFields = {
  userId: id,
  isLeader: z.boolean(),
  skills: z.array(slugSchema).max(50),
};
const areaFields = {
  purpose: slugSchema.nullable().describe('null: for every purpose'),
  name: nameSchema.nullable(),
  hallId: id.nullable(),
  regionId: id.nullable(),
  polygon: z
    .array(z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)]))
    .min(3)
    .max(500)
    .nullable()
    .describe('[lon, lat] in WGS-84 degrees, closed by itself'),
};
const categoryFields = { tree: slugSchema, code: slugSchema };

export const officeSchema = z
  .object({
    id,
    code: z.string(),
    name: z.string(),
    parentId: id.nullable(),
    hallId: id.nullable(),
    regionId: id.nullable(),
    calendar: z.string().nullable().describe('When its people are on duty; null: as the office above, or not known'),
    isFallback: z.boolean().describe('Gets what no rule has anybody for'),
    members: z.array(z.object({ ...memberFields, name: z.string(), active: z.boolean() })),
    areas: z.array(z.object({ id, ...areaFields })),
    categories: z.array(z.object(categoryFields)),
    openTasks: z.int().describe('Of tickets that the office or its people have for it'),
    version: z.int(),
    archivedAt: z.iso.datetime().nullable(),
  })
  .openapi('Office');
export type Office = z.infer<typeof officeSchema>;

const officeFields = {
  code: codeSchema,
  name: nameSchema,
  parentId: id.nullable(),
  hallId: id.nullable(),
  regionId: id.nullable(),
  calendar: slugSchema.nullable(),
};
export const createOfficeSchema = z
  .object({
    ...officeFields,
    parentId: officeFields.parentId.default(null),
    hallId: officeFields.hallId.default(null),
    regionId: officeFields.regionId.default(null),
    calendar: officeFields.calendar.default(null),
  })
  .openapi('CreateOffice');
export type CreateOffice = z.output<typeof createOfficeSchema>;

export const updateOfficeSchema = z
  .object({
    ...officeFields,
    isFallback: z.literal(true).describe('From now on this one; there is always exactly one'),
    archived: z.boolean(),
  })
  .partial()
  .openapi('UpdateOffice');
export type UpdateOffice = z.output<typeof updateOfficeSchema>;

const isOnce = <T>(key: (one: T) => string) =>
  [(all: readonly T[]) => new Set(all.map(key)).size === all.length, 'Each only once'] as const;

export const officeMembersSchema = z.object({
  members: z
    .array(
      z.object({
        ...memberFields,
        isLeader: memberFields.isLeader.default(false),
        skills: memberFields.skills.default([]),
      }),
    )
    .max(500)
    .refine(...isOnce<{ userId: string }>(({ userId }) => userId)),
});
export type OfficeMembers = z.output<typeof officeMembersSchema>['members'];

export const officeAreasSchema = z.object({
  areas: z
    .array(
      z
        .object({
          ...{ purpose: areaFields.purpose.default(null), name: areaFields.name.default(null) },
          ...{ hallId: areaFields.hallId.default(null), regionId: areaFields.regionId.default(null) },
          polygon: areaFields.polygon.default(null),
        })
        .refine(
          ({ hallId, regionId, polygon }) => [hallId, regionId, polygon].filter((one) => one !== null).length === 1,
          'Exactly one of hallId, regionId and polygon',
        ),
    )
    .max(500),
});
export type OfficeAreas = z.output<typeof officeAreasSchema>['areas'];

export const officeCategoriesSchema = z.object({
  categories: z
    .array(z.object(categoryFields))
    .max(2_000)
    .refine(...isOnce<{ tree: string; code: string }>(({ tree, code }) => `${tree}/${code}`)),
});
export type OfficeCategories = z.output<typeof officeCategoriesSchema>['categories'];

export const standInSchema = z
  .object({
    id,
    userId: id.describe('Who is away'),
    userName: z.string(),
    standInId: id.describe('Who may do their tasks'),
    standInName: z.string(),
    from: z.iso.datetime(),
    until: z.iso.datetime(),
  })
  .openapi('StandIn');
export type StandIn = z.infer<typeof standInSchema>;
/** `version` is a fingerprint of the list. */
export const standInListSchema = z.object({ items: z.array(standInSchema), version: z.int() }).openapi('StandIns');
export type StandInList = z.infer<typeof standInListSchema>;

export const setStandInsSchema = z.object({
  items: z
    .array(
      z
        .object({ userId: id, standInId: id, from: z.iso.datetime(), until: z.iso.datetime() })
        .refine(({ userId, standInId }) => userId !== standInId, 'Nobody stands in for themselves')
        .refine(({ from, until }) => Date.parse(from) < Date.parse(until), 'It ends after it begins'),
    )
    .max(1_000),
});
export type SetStandIns = z.output<typeof setStandInsSchema>;

/** One's own: who does my tasks while I am away. */
export const setOwnStandInsSchema = z.object({
  items: z
    .array(
      z
        .object({ standInId: id, from: z.iso.datetime(), until: z.iso.datetime() })
        .refine(({ from, until }) => Date.parse(from) < Date.parse(until), 'It ends after it begins'),
    )
    .max(20),
});
export type SetOwnStandIns = z.output<typeof setOwnStandInsSchema>;
