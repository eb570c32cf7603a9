import { Input } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useDesigner } from '../draft/designer.js';
import { Labelled } from './Labelled.js';

interface NameInputProps {
  value: string;
  taken: readonly string[];
  pattern: RegExp;
  hint: string;
  onRename: (name: string) => void;
}

/** The name by which the rest of the definition knows a part; given when the field is left, so that what names it follows once. */
export function NameInput({ value, taken, pattern, hint, onRename }: NameInputProps) {
  const { t } = useTranslation('ticketKinds');
  const { mayWrite } = useDesigner();
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  const isTaken = typed !== value && taken.includes(typed);
  const isWell = pattern.test(typed) && !isTaken;
  const give = () => {
    if (typed === value) return;
    if (isWell) onRename(typed);
    else setTyped(value);
  };
  return (
    <Labelled label={t('part.name')} hint={isTaken ? t('part.nameTaken') : hint}>
      {(id) => (
        <Input
          id={id}
          value={typed}
          disabled={!mayWrite}
          status={isWell ? '' : 'error'}
          spellCheck={false}
          autoCapitalize="none"
          maxLength={48}
          onChange={(event) => setTyped(event.target.value)}
          onBlur={give}
          onPressEnter={give}
        />
      )}
    </Labelled>
  );
}
