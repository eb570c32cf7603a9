import { Input } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Label } from '../../../i18n/use-language.js';
import { useDesigner } from '../draft/designer.js';
import { Labelled } from './Labelled.js';

interface LabelInputProps {
  label: string;
  value: Label;
  place: string;
  onChange: (label: Label) => void;
  lines?: boolean;
  hint?: string;
}

/** A text in Chinese, and in English where one is wanted. */
export function LabelInput({ label, value, place, onChange, lines, hint }: LabelInputProps) {
  const { t } = useTranslation('ticketKinds');
  const { mayWrite } = useDesigner();
  const Field = lines ? Input.TextArea : Input;
  const sizes = lines ? { autoSize: { minRows: 2, maxRows: 5 } } : {};
  const write = (en: string) => onChange(en === '' ? { zh: value.zh } : { ...value, en });
  return (
    <Labelled label={label} place={place} group wide {...(hint ? { hint } : {})}>
      {() => (
        <div className="tk-pair">
          <Field
            {...sizes}
            value={value.zh}
            maxLength={200}
            disabled={!mayWrite}
            aria-label={t('part.zh', { label })}
            placeholder={t('part.zhShort')}
            onChange={(event) => onChange({ ...value, zh: event.target.value })}
          />
          <Field
            {...sizes}
            value={value.en ?? ''}
            maxLength={200}
            disabled={!mayWrite}
            aria-label={t('part.en', { label })}
            placeholder={t('part.enShort')}
            onChange={(event) => write(event.target.value)}
          />
        </div>
      )}
    </Labelled>
  );
}
