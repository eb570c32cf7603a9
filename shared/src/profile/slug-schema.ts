import { z } from 'zod';

/** kebab-case name of a vendor, a model, a template or a class; also the names of folder and file. */
export const slugSchema = z
  .string()
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'a name is kebab-case: small letters, digits and single hyphens')
  .max(64);
