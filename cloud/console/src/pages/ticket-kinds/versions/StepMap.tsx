import type { TicketStep } from '@hallhub/shared/ticket';
import { Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useLabel } from '../../../i18n/use-language.js';
import { Labelled } from '../parts/Labelled.js';

/** Steps in which tickets may stand and that the other version does not have. */
export const stepsGone = (before: readonly TicketStep[], after: readonly TicketStep[]): readonly TicketStep[] =>
  before.filter(({ id, end }) => end === undefined && !after.some((one) => one.id === id));

interface StepMapProps {
  gone: readonly TicketStep[];
  next: readonly TicketStep[];
  steps: Readonly<Record<string, string>>;
  onChange: (steps: Record<string, string>) => void;
}

/** Where tickets stand then that are in a step which is not there any more. */
export function StepMap({ gone, next, steps, onChange }: StepMapProps) {
  const { t } = useTranslation('ticketKinds');
  const label = useLabel();
  return gone.map((step) => (
    <Labelled key={step.id} label={t('move.step', { name: label(step.label) })}>
      {(id) => (
        <Select
          id={id}
          allowClear
          value={steps[step.id] ?? null}
          placeholder={t('move.stays')}
          options={next
            .filter(({ end }) => end === undefined)
            .map((one) => ({ value: one.id, label: label(one.label) }))}
          onChange={(to: string | null) => {
            const { [step.id]: _, ...rest } = steps;
            onChange(to ? { ...rest, [step.id]: to } : rest);
          }}
        />
      )}
    </Labelled>
  ));
}
