import { useTranslation } from 'react-i18next';
import type { Language } from './i18n.js';

/** A text with its translations, as the API and profiles send it. */
export interface Label {
  zh: string;
  en?: string | undefined;
}

export function useLanguage(): Language {
  const { i18n } = useTranslation();
  return i18n.language === 'en' ? 'en' : 'zh';
}

/** Picks the reader's language out of a label, Chinese where there is no other. */
export function pickLabel(label: Label | string | null | undefined, language: Language): string {
  if (!label) return '';
  if (typeof label === 'string') return label;
  return language === 'en' ? (label.en ?? label.zh) : label.zh;
}

export function useLabel(): (label: Label | string | null | undefined) => string {
  const language = useLanguage();
  return (label) => pickLabel(label, language);
}
