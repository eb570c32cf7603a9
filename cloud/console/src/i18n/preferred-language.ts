import type { Language } from './i18n.js';

/** The first of the browser's languages that the console speaks; Chinese where it speaks none of them. */
export function preferredLanguage(languages: readonly string[]): Language {
  for (const tag of languages) {
    const [language] = tag.toLowerCase().split('-');
    if (language === 'zh' || language === 'en') return language;
  }
  return 'zh';
}
