import { z } from 'zod';
import { profileSchema } from './profile-schema.js';
import { vectorsFileSchema } from './vector-schema.js';

/** JSON Schema (2020-12) of a profile file, for editors: completion, hover texts, red lines. */
export function profileJsonSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(profileSchema, { io: 'input', target: 'draft-2020-12', reused: 'ref' }),
    title: 'HallHub device profile, version 1',
  };
}

/** JSON Schema of a vectors file. */
export function vectorsJsonSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(vectorsFileSchema, { io: 'input', target: 'draft-2020-12', reused: 'ref' }),
    title: 'HallHub profile vectors',
  };
}
