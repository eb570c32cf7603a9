import { Input } from 'antd';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { Label } from '../../i18n/use-language.js';
import './parts.css';

interface LabelPairProps {
  label: string;
  value: Label;
  onChange: (value: Label) => void;
  /** Several lines. */
  lines?: boolean;
  /** Chinese may be left empty. */
  optional?: boolean;
  disabled?: boolean;
  maxLength?: number;
  problem?: string | undefined;
}

/** A text in Chinese, and in English where one is wanted. */
export function LabelPair(props: LabelPairProps) {
  const { label, value, onChange, lines, optional, disabled = false, maxLength = 200, problem } = props;
  const { t } = useTranslation();
  const id = useId();
  const Field = lines ? Input.TextArea : Input;
  const given = { maxLength, disabled, ...(lines ? { autoSize: { minRows: 2, maxRows: 6 } } : {}) };
  return (
    <fieldset className="label-pair" aria-describedby={problem ? id : undefined}>
      <legend>
        {label}
        {optional ? <span className="faint"> · {t('optional')}</span> : null}
      </legend>
      <div className="label-pair-fields">
        <Field
          {...given}
          value={value.zh}
          status={problem ? 'error' : ''}
          aria-label={t('inChinese', { label })}
          placeholder={t('chinese')}
          onChange={(event) => onChange({ ...value, zh: event.target.value })}
        />
        <Field
          {...given}
          value={value.en ?? ''}
          aria-label={t('inEnglish', { label })}
          placeholder={t('english')}
          onChange={({ target }) => onChange(target.value === '' ? { zh: value.zh } : { ...value, en: target.value })}
        />
      </div>
      {problem ? (
        <p id={id} className="problem-inline small">
          {problem}
        </p>
      ) : null}
    </fieldset>
  );
}
