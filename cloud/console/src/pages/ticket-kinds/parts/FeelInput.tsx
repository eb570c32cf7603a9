import { feelNames } from '@hallhub/shared/ticket';
import { Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useDesigner } from '../draft/designer.js';

interface FeelInputProps {
  value: string | undefined;
  onChange: (value: string | undefined) => void;
  label: string;
  /** What it means when there is none. */
  none: string;
}

/** A condition; while it is written, the names that it may use stand below. */
export function FeelInput({ value, onChange, label, none }: FeelInputProps) {
  const { t } = useTranslation('ticketKinds');
  const { kind, mayWrite } = useDesigner();
  const [isOpen, setOpen] = useState(false);
  return (
    <div className="tk-feel">
      <Input
        value={value ?? ''}
        aria-label={label}
        className="mono"
        placeholder={none}
        disabled={!mayWrite}
        spellCheck={false}
        maxLength={1_000}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onChange={(event) => onChange(event.target.value === '' ? undefined : event.target.value)}
      />
      {isOpen ? (
        <p className="tk-hint">
          {t('part.feelNames')} <code>{[...kind.fields.map(({ key }) => key), ...feelNames].join(' ')}</code>
        </p>
      ) : null}
    </div>
  );
}
