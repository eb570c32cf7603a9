import { z } from 'zod';

/** Text for people: Chinese always, English where there is some. */
export const labelSchema = z
  .strictObject({
    zh: z.string().trim().min(1).max(200),
    en: z.string().trim().min(1).max(200).optional(),
  })
  .describe('Text for people: zh is required, en recommended.');

export type Label = z.infer<typeof labelSchema>;

export type Language = 'zh' | 'en';

/** The text in the wanted language, or Chinese where there is none. */
export function labelText(label: Label, language: Language): string {
  return (language === 'en' ? label.en : undefined) ?? label.zh;
}
