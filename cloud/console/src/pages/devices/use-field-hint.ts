import type { ValueShape } from '@hallhub/shared/thing';
import { useTranslation } from 'react-i18next';
import { formatUnit } from '../../format/ucum.js';
import { useLabel, useLanguage } from '../../i18n/use-language.js';
import { fieldLimits } from '../../thing/field-limits.js';
import { useUnitText } from '../../ui/Value.js';

type Hinted = Pick<ValueShape, 'type' | 'range' | 'step' | 'unit'> & {
  description?: { zh: string; en?: string | undefined } | undefined;
};

/** What stands under a field: what it means, and what may be given. */
export function useFieldHint(): (field: Hinted) => string | undefined {
  const { t } = useTranslation('commands');
  const label = useLabel();
  const language = useLanguage();
  const unitText = useUnitText();
  return (field) => {
    const { range, step } = fieldLimits(field, language);
    const unit = unitText(formatUnit(field.unit));
    const said = [
      label(field.description),
      range && (unit ? `${range} ${unit}` : range),
      step && t('field.stepOf', { step }),
    ].filter(Boolean);
    return said.length > 0 ? said.join(' · ') : undefined;
  };
}
