import { formatNumber } from '../../format/number.js';
import { useLanguage } from '../../i18n/use-language.js';

/** A share of none is none: a dash, never 0 %. */
export const usePercent = (): ((share: { n: number; of: number }) => string) => {
  const language = useLanguage();
  return ({ n, of }) => (of === 0 ? '—' : `${formatNumber(Math.round((n / of) * 1_000) / 10, language)} %`);
};
