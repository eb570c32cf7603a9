import type { ValueShape } from '@hallhub/shared/thing';
import { useTranslation } from 'react-i18next';
import { useLabel } from '../../i18n/use-language.js';
import { useValueText } from '../../thing/use-value-text.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { Value } from '../../ui/Value.js';

interface PropertyValueProps {
  shape: ValueShape | undefined;
  value: unknown;
  changed?: boolean;
  /** There is room: pictures are shown, long texts wrap. */
  whole?: boolean;
}

/** A value as its thing model says it is written: words for enums, unit, decimals; personal data masked. */
export function PropertyValue({ shape, value, changed, whole }: PropertyValueProps) {
  const { t } = useTranslation();
  const label = useLabel();
  const said = useValueText()(shape, value);
  if (said?.picture && whole) {
    return <img className="value-picture" src={said.picture} alt={shape ? label(shape.label) : t('picture')} />;
  }
  if (said?.trouble) return <StatusMark tone="warn" shape="triangle" word={said.text} />;
  return (
    <Value
      value={value}
      word={said?.picture ? t('picture') : said?.text}
      unit={said?.unit}
      {...(whole ? { whole } : {})}
      {...(changed ? { changed } : {})}
    />
  );
}
