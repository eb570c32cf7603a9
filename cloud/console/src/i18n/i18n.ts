import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { preferredLanguage } from './preferred-language.js';

export type Language = 'zh' | 'en';

const storageKey = 'hallhub.language';

const loaders = {
  zh: () => import('./zh/index.js'),
  en: () => import('./en/index.js'),
};

/** What was chosen here before; else what the browser's reader prefers. */
function firstLanguage(): Language {
  const stored = localStorage.getItem(storageKey);
  return stored === 'en' || stored === 'zh' ? stored : preferredLanguage(navigator.languages);
}

/** Fetches a language’s texts, once. */
export async function loadTexts(language: Language): Promise<void> {
  if (i18next.hasResourceBundle(language, 'common')) return;
  const { resources } = await loaders[language]();
  for (const [namespace, texts] of Object.entries(resources)) {
    i18next.addResourceBundle(language, namespace, texts, true, true);
  }
}

function mark(language: Language): void {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
}

/** Starts i18next with the reader's language; only that language's texts are fetched. */
export async function startI18n(): Promise<void> {
  const language = firstLanguage();
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    defaultNS: 'common',
    resources: {},
    interpolation: { escapeValue: false },
    react: { useSuspense: false },
  });
  await loadTexts(language);
  mark(language);
}

/** Switches the language for this person on this browser. */
export async function chooseLanguage(language: Language): Promise<void> {
  await loadTexts(language);
  localStorage.setItem(storageKey, language);
  mark(language);
  await i18next.changeLanguage(language);
}
