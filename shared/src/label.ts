import { z } from 'zod';

/** A text for people: Chinese always, English where it exists. */
export const labelSchema = z.strictObject({
  zh: z.string().min(1).max(200),
  en: z.string().min(1).max(200).optional(),
});
export type Label = z.infer<typeof labelSchema>;
