import { type Moment, momentSchema } from '@hallhub/shared/ticket';
import { AutoComplete, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useDesigner } from '../draft/designer.js';
import { useOptions } from '../parts/use-options.js';

const moments = ['made', 'entered', 'signed', 'left', 'marked', 'ended'] as const;

/** What a clock begins or ends with. */
export function MomentInput({
  moment,
  label,
  onChange,
}: {
  moment: Moment;
  label: string;
  onChange: (moment: Moment) => void;
}) {
  const { t } = useTranslation('ticketKinds');
  const { mayWrite } = useDesigner();
  const options = useOptions();
  const step = options.works[0]?.value ?? '';
  const of = (at: Moment['at']): Moment =>
    momentSchema.parse(
      at === 'made' || at === 'ended'
        ? { at }
        : at === 'marked'
          ? { at, mark: 'solved' }
          : { at, step: 'step' in moment ? moment.step : step },
    );
  return (
    <span className="tk-rule">
      <Select
        disabled={!mayWrite}
        className="tk-rule-kind"
        value={moment.at}
        aria-label={label}
        options={moments.map((one) => ({ value: one, label: t(`moment.${one}`) }))}
        onChange={(at: Moment['at']) => onChange(of(at))}
      />
      {'step' in moment ? (
        <Select
          disabled={!mayWrite}
          className="tk-rule-detail"
          value={moment.step}
          aria-label={t('party.step')}
          options={options.steps}
          onChange={(next: string) => onChange({ ...moment, step: next })}
        />
      ) : null}
      {moment.at === 'marked' ? (
        <AutoComplete
          disabled={!mayWrite}
          className="tk-rule-detail"
          value={moment.mark}
          aria-label={t('action.marks')}
          options={options.marks.map((one) => ({ value: one, label: t(`mark.${one}`, { defaultValue: one }) }))}
          onChange={(mark: string) => onChange({ ...moment, mark })}
        />
      ) : null}
    </span>
  );
}
