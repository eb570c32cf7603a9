import type { Label } from '../label.js';

export type Language = 'zh' | 'en';

/** The text in the wanted language, or Chinese where there is none. */
export function labelText(label: Label, language: Language): string {
  return (language === 'en' ? label.en : undefined) ?? label.zh;
}
