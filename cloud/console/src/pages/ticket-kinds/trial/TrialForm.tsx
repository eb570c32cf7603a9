import type { DryOffer, DryStep, TicketField, TicketState } from '@hallhub/shared/ticket';
import { Button, Input, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLabel } from '../../../i18n/use-language.js';
import { FieldControl } from '../../tickets/work/FieldControl.js';
import { useDesigner } from '../draft/designer.js';
import { Labelled } from '../parts/Labelled.js';
import { MinutesInput } from '../parts/MinutesInput.js';
import { useOptions } from '../parts/use-options.js';
import { isStandIn, sampleValue } from './sample-value.js';

type Json = Extract<DryStep, { command: unknown }>['command'][string];

interface TrialFormProps {
  offer: DryOffer;
  state: TicketState;
  onPlay: (step: DryStep) => void;
}

/** What an act wants to know, filled in as an example. */
export function TrialForm({ offer, state, onPlay }: TrialFormProps) {
  const { t } = useTranslation('ticketKinds');
  const label = useLabel();
  const { kind } = useDesigner();
  const options = useOptions();
  const words = t('trial.words');
  const asked = kind.fields.filter(({ key }) => offer.edit.includes(key));
  const [fields, setFields] = useState<Record<string, unknown>>(() =>
    Object.fromEntries(asked.map((field) => [field.key, state.fields[field.key] ?? sampleValue(field, words)])),
  );
  const [to, setTo] = useState<string[]>([]);
  const [opinion, setOpinion] = useState(offer.action?.opinion === 'required' || offer.do === 'return' ? words : '');
  const [step, setStep] = useState<string>();
  const [minutes, setMinutes] = useState(60);
  const [waits, setWaits] = useState(0);
  const steps = [...new Set(state.visits.map((one) => one.step))].filter((id) => id !== state.step);
  const asksStep = offer.do === 'return' && offer.action?.to.length === 0;
  const asksMinutes = offer.do === 'askExtension' || offer.do === 'decideExtension';
  const play = () => {
    const single = offer.do === 'transfer' || offer.do === 'delegate';
    const command: Record<string, unknown> = {
      ...{ do: offer.do, task: offer.task },
      ...(offer.do === 'submit' || offer.do === 'return' ? { action: offer.action?.id } : {}),
      ...(offer.do === 'submit'
        ? { fields: Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) }
        : {}),
      ...(offer.chooses > 0 && to.length > 0 ? { to: single ? to[0] : to } : {}),
      ...(opinion && offer.do !== 'sign' ? { opinion } : {}),
      ...(asksStep && step ? { step } : {}),
      ...(asksMinutes ? { minutes } : {}),
      ...(offer.do === 'decideExtension' ? { granted: true } : {}),
    };
    onPlay({ as: offer.as, command: command as Record<string, Json>, afterMinutes: waits });
  };
  return (
    <div className="tk-form tk-trial-form">
      {asked.map((field) => (
        <Asked
          key={field.key}
          field={field}
          name={label(field.label)}
          isRequired={offer.required.includes(field.key)}
          value={fields[field.key]}
          onChange={(value) => setFields((was) => ({ ...was, [field.key]: value }))}
        />
      ))}
      {offer.chooses > 0 ? (
        <Labelled label={t('trial.to')}>
          {(id) => (
            <Select
              id={id}
              mode="tags"
              maxCount={offer.chooses}
              value={to}
              options={options.offices}
              onChange={setTo}
            />
          )}
        </Labelled>
      ) : null}
      {asksStep ? (
        <Labelled label={t('action.step')}>
          {(id) => (
            <Select
              id={id}
              value={step ?? null}
              options={steps.map((one) => ({ value: one, label: label(kind.steps.find((s) => s.id === one)?.label) }))}
              onChange={setStep}
            />
          )}
        </Labelled>
      ) : null}
      {asksMinutes ? (
        <Labelled label={t('trial.more')} group>
          {() => <MinutesInput value={minutes} label={t('trial.more')} onChange={setMinutes} />}
        </Labelled>
      ) : null}
      {offer.do === 'sign' || offer.action?.opinion === 'no' ? null : (
        <Labelled label={t('trial.opinion')}>
          {(id) => <Input id={id} value={opinion} onChange={({ target }) => setOpinion(target.value)} />}
        </Labelled>
      )}
      <Labelled label={t('trial.waits')} group>
        {() => <MinutesInput value={waits} label={t('trial.waits')} onChange={setWaits} />}
      </Labelled>
      <div className="tk-row tk-row-wide">
        <div>
          <Button
            type="primary"
            disabled={(offer.chooses > 0 && to.length === 0) || (asksStep && !step)}
            onClick={play}
          >
            {t('trial.play')}
          </Button>
        </div>
      </div>
    </div>
  );
}

interface AskedProps {
  field: TicketField;
  name: string;
  isRequired: boolean;
  value: unknown;
  onChange: (value: unknown) => void;
}

function Asked({ field, name, isRequired, value, onChange }: AskedProps) {
  const { t } = useTranslation('ticketKinds');
  const title = isRequired ? `${name} *` : name;
  if (isStandIn(field))
    return (
      <div className="tk-row">
        <span className="tk-label">{title}</span>
        <span className="faint small">{t('trial.example')}</span>
      </div>
    );
  return (
    <Labelled label={title} wide={field.type === 'longText'}>
      {(id) => (
        <>
          <span id={`${id}-label`} className="sr-only">
            {title}
          </span>
          <FieldControl
            {...{ field, id, value, onChange }}
            isMasked={false}
            isInvalid={false}
            describedBy={undefined}
            disabled={false}
            ticketId={undefined}
            files={[]}
          />
        </>
      )}
    </Labelled>
  );
}
