import { airy } from '../../format/time.js';
import type { Language } from '../../i18n/i18n.js';

/** `2026-11` in words: `2026 年 11 月`, `November 2026`. */
export const monthName = (month: string, language: Language): string =>
  airy(
    new Intl.DateTimeFormat(language === 'en' ? 'en' : 'zh-CN', {
      year: 'numeric',
      month: 'long',
      timeZone: 'UTC',
    }).format(new Date(`${month}-01T00:00:00Z`)),
  );
