import { useTranslation } from 'react-i18next';

interface SatisfactionFieldProps {
  id: string;
  disabled: boolean;
  value: number | null;
  onChange: (value: number) => void;
}

const levels = [1, 2, 3, 4, 5] as const;

/** Five words to choose from, not five stars: everybody means the same by them. */
export function SatisfactionField({ id, disabled, value, onChange }: SatisfactionFieldProps) {
  const { t } = useTranslation('tickets');
  return (
    <fieldset className="satisfaction" aria-labelledby={`${id}-label`} disabled={disabled}>
      {levels.map((level) => (
        <label key={level} className={value === level ? 'satisfaction-choice is-chosen' : 'satisfaction-choice'}>
          <input
            type="radio"
            className="sr-only"
            name={id}
            {...(level === (value ?? 1) ? { id } : {})}
            checked={value === level}
            onChange={() => onChange(level)}
          />
          {t(`satisfaction.${level}`)}
        </label>
      ))}
    </fieldset>
  );
}
