import { useTranslation } from 'react-i18next';
import type { AlarmRule } from '../../api/types.js';
import { formatDuration } from '../../format/time.js';
import { useLanguage } from '../../i18n/use-language.js';

type Condition = Pick<AlarmRule, 'kind' | 'property' | 'op' | 'limit' | 'forMs'>;

/** `power > 80，持续 1 分钟`: when a rule raises, in one line. */
export function useRuleText(): (rule: Condition) => string {
  const { t } = useTranslation('alarms');
  const language = useLanguage();
  return (rule) => {
    const lasts = rule.forMs > 0 ? formatDuration(rule.forMs, language) : undefined;
    if (rule.kind !== 'threshold') {
      return lasts ? t(`rule.when.${rule.kind}For`, { time: lasts }) : t(`rule.when.${rule.kind}`);
    }
    const what = `${rule.property} ${rule.op === 'lt' ? '<' : '>'} ${rule.limit}`;
    return lasts ? t('rule.when.thresholdFor', { what, time: lasts }) : what;
  };
}
