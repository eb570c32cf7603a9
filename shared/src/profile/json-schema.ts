import { z } from 'zod';
import { extendsSchema, templateSchema, usesSchema } from './compose/template-schema.js';
import { profileSchema } from './profile-schema.js';
import { vectorsFileSchema } from './vector-schema.js';

type JsonSchema = Record<string, unknown>;

const options = { io: 'input', target: 'draft-2020-12', reused: 'ref' } as const;
const loosePrefix = 'patch';

/**
 * JSON Schema (2020-12) of a profile file, for editors: completion, hover texts, red lines. What is composed is told by
 * halves: where a file has `uses`, its thing model may leave out what the template says, and with `extends` anything.
 */
export function profileJsonSchema(): JsonSchema {
  const whole = z.toJSONSchema(profileSchema, options) as JsonSchema;
  const properties = whole.properties as JsonSchema;
  const defs = (whole.$defs ?? {}) as JsonSchema;
  const loose = Object.fromEntries(Object.entries(defs).map(([name, one]) => [`${loosePrefix}_${name}`, loosen(one)]));
  const { thing, bindings, alarms, derived, simulation, ...plain } = properties;
  const parts = { thing, bindings, alarms, derived, simulation };
  const variant = {
    type: 'object',
    additionalProperties: false,
    required: ['firmware'],
    properties: {
      firmware: { type: 'string', description: 'Comparisons joined by blanks: ">=1.2 <2".' },
      ...looseOf(parts),
    },
  };
  const required = (whole.required as string[]).filter((key) => key !== 'thing' && key !== 'bindings');
  const own = ['schema', 'vendor', 'model', 'label', 'version', 'source'];
  return {
    $schema: whole.$schema,
    title: 'HallHub device profile, version 1',
    type: 'object',
    properties: {
      ...plain,
      uses: { ...plainSchema(usesSchema), description: 'Templates whose things this model has.' },
      extends: plainSchema(extendsSchema),
      variants: { type: 'array', maxItems: 16, items: variant, description: 'What differs by firmware.' },
      ...Object.fromEntries(Object.keys(parts).map((key) => [key, {}])),
    },
    additionalProperties: false,
    required: own,
    if: { required: ['extends'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema.
    then: { properties: looseOf(parts) },
    else: {
      required,
      properties: { bindings, derived },
      if: { required: ['uses'] },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema.
      then: { properties: looseOf({ thing, alarms, simulation }), required: ['bindings'] },
      else: { properties: { thing, alarms, simulation }, required: ['thing', 'bindings'] },
    },
    $defs: { ...defs, ...loose },
  };
}

/** JSON Schema of a template file. */
export function templateJsonSchema(): JsonSchema {
  return { ...z.toJSONSchema(templateSchema, options), title: 'HallHub profile template, version 1' };
}

/** JSON Schema of a vectors file. */
export function vectorsJsonSchema(): JsonSchema {
  return { ...z.toJSONSchema(vectorsFileSchema, options), title: 'HallHub profile vectors' };
}

function plainSchema(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { ...options, reused: 'inline' }) as JsonSchema;
  return rest;
}

function looseOf(parts: JsonSchema): JsonSchema {
  return loosenAll(parts) as JsonSchema;
}

/** A schema for patches: nothing is required, `null` deletes, and `remove: true` takes an entry out of a list. */
function loosen(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(loosen);
  if (schema === null || typeof schema !== 'object') return schema;
  const given = schema as JsonSchema;
  if (typeof given.$ref === 'string')
    return { ...given, $ref: given.$ref.replace('#/$defs/', `#/$defs/${loosePrefix}_`) };
  const { required: _, ...rest } = given;
  const result: JsonSchema = {};
  for (const [key, value] of Object.entries(rest)) {
    if (key === 'properties') result[key] = loosenAll(value as JsonSchema);
    else if (key === 'additionalProperties' && typeof value === 'object') result[key] = orNull(value);
    else result[key] = isSubschema(key) ? loosen(value) : value;
  }
  const ids = (given.properties as JsonSchema | undefined)?.id;
  if (ids) result.properties = { ...(result.properties as JsonSchema), remove: { const: true } };
  return result;
}

function loosenAll(properties: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, orNull(value)]));
}

function orNull(schema: unknown): JsonSchema {
  return { anyOf: [loosen(schema), { type: 'null' }] };
}

function isSubschema(key: string): boolean {
  return ['items', 'prefixItems', 'anyOf', 'oneOf', 'allOf', 'not'].includes(key);
}
