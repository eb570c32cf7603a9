import { useTranslation } from 'react-i18next';
import { useLanguage } from '../i18n/use-language.js';
import { type Reader, type ValueText, valueText } from './value-text.js';

/** The person who reads: their language and its words. */
export function useReader(): Reader {
  const { t } = useTranslation();
  return {
    language: useLanguage(),
    yesNo: (kind, value) => t(`boolean.${kind}.${value ? 'yes' : 'no'}`),
    emptyText: t('emptyText'),
  };
}

export function useValueText(): (shape: Parameters<typeof valueText>[0], value: unknown) => ValueText | undefined {
  const reader = useReader();
  return (shape, value) => valueText(shape, value, reader);
}
