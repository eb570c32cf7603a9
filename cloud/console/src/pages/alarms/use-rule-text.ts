import { useTranslation } from 'react-i18next';
import type { AlarmRule } from '../../api/alarms.js';
import { formatDuration } from '../../format/time.js';
import { formatUnit } from '../../format/ucum.js';
import { useLabel, useLanguage } from '../../i18n/use-language.js';
import { useUnitText } from '../../ui/Value.js';

type Condition = Pick<AlarmRule, 'kind' | 'property' | 'propertyLabel' | 'propertyUnit' | 'op' | 'limit' | 'forMs'>;

/** `总有功功率 > 80 W，持续 1 分钟`: when a rule raises, in one line. */
export function useRuleText(): (rule: Condition) => string {
  const { t } = useTranslation('alarms');
  const language = useLanguage();
  const label = useLabel();
  const unitText = useUnitText();
  return (rule) => {
    const lasts = rule.forMs > 0 ? formatDuration(rule.forMs, language) : undefined;
    if (rule.kind !== 'threshold') {
      return lasts
        ? t(`rule.when.${rule.kind}For`, { time: lasts, limit: rule.limit })
        : t(`rule.when.${rule.kind}`, { limit: rule.limit });
    }
    const what = [
      label(rule.propertyLabel) || rule.property,
      rule.op === 'lt' ? '<' : '>',
      rule.limit,
      unitText(formatUnit(rule.propertyUnit)),
    ]
      .filter((part) => part !== undefined && part !== null)
      .join(' ');
    return lasts ? t('rule.when.thresholdFor', { what, time: lasts }) : what;
  };
}
