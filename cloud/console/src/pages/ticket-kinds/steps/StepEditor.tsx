import type { TicketKind } from '@hallhub/shared/ticket';
import { Button, Checkbox, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { replaced, useDesigner, without } from '../draft/designer.js';
import { rename } from '../draft/rename.js';
import { Faults } from '../parts/Faults.js';
import { FeelInput } from '../parts/FeelInput.js';
import { LabelInput } from '../parts/LabelInput.js';
import { Labelled } from '../parts/Labelled.js';
import { NameInput } from '../parts/NameInput.js';
import { Nobody } from '../parts/Nobody.js';
import { PartyRules } from '../parts/PartyRules.js';
import { RemoveButton } from '../parts/RemoveButton.js';
import { useOptions } from '../parts/use-options.js';
import { ActionsEditor } from './ActionsEditor.js';
import { RightsGrid } from './RightsGrid.js';
import { ScriptEditor } from './ScriptEditor.js';

export type Step = TicketKind['steps'][number];
const modes = ['single', 'joint', 'any', 'ordered', 'free'] as const;

export interface StepProps {
  readonly step: Step;
  readonly set: (next: Step, where?: string) => void;
}

export function StepEditor({ step, index }: { step: Step; index: number }) {
  const { t } = useTranslation('ticketKinds');
  const { kind, change, mayWrite, open } = useDesigner();
  const options = useOptions();
  const place = `steps.${step.id}`;
  const set = (next: Step, where?: string) =>
    change((was) => ({ ...was, steps: replaced(was.steps, index, next) }), where);
  const given = { disabled: !mayWrite };
  const endOf = (end: string | null) => {
    const { end: _, ...bare } = step;
    if (end === null) return set(bare);
    return set({
      ...bare,
      end: end as 'closed' | 'cancelled',
      who: [],
      actions: [],
      fields: { edit: [], required: [], hidden: [] },
    });
  };
  return (
    <div className="tk-editor card">
      <div className="tk-form">
        <LabelInput
          label={t('step.label')}
          value={step.label}
          place={`${place}.label`}
          onChange={(label) => set({ ...step, label }, `${place}.label`)}
        />
        <NameInput
          value={step.id}
          taken={kind.steps.map(({ id }) => id)}
          pattern={/^[a-z][a-z0-9_]{0,47}$/}
          hint={t('part.slugHint')}
          onRename={(to) => {
            change((was) => rename(was, 'step', { from: step.id, to }));
            open('flow', to);
          }}
        />
        <Labelled label={t('step.state')} place={`${place}.state`}>
          {(id) => (
            <Select
              {...given}
              id={id}
              value={step.state}
              options={options.states}
              onChange={(state: string) => set({ ...step, state })}
            />
          )}
        </Labelled>
        <Labelled label={t('step.end')}>
          {(id) => (
            <Select
              {...given}
              id={id}
              allowClear
              value={step.end ?? null}
              placeholder={t('step.noEnd')}
              options={(['closed', 'cancelled'] as const).map((one) => ({ value: one, label: t(`step.endOf.${one}`) }))}
              onChange={endOf}
            />
          )}
        </Labelled>
        {step.end ? null : (
          <>
            <Labelled label={t('step.mode')} hint={t(`step.modeHint.${step.mode}`)}>
              {(id) => (
                <Select
                  {...given}
                  id={id}
                  value={step.mode}
                  options={modes.map((one) => ({ value: one, label: t(`step.modeOf.${one}`) }))}
                  onChange={(mode: Step['mode']) => set({ ...step, mode, lead: mode === 'joint' && step.lead })}
                />
              )}
            </Labelled>
            <Labelled label={t('step.more')} group>
              {() => (
                <div className="row row-wrap">
                  <Checkbox
                    {...given}
                    checked={step.sign}
                    onChange={({ target }) => set({ ...step, sign: target.checked })}
                  >
                    {t('step.sign')}
                  </Checkbox>
                  {step.mode === 'joint' ? (
                    <Checkbox
                      {...given}
                      checked={step.lead}
                      onChange={({ target }) => set({ ...step, lead: target.checked })}
                    >
                      {t('step.lead')}
                    </Checkbox>
                  ) : null}
                  <Checkbox
                    {...given}
                    checked={kind.start === step.id}
                    disabled={!mayWrite || kind.start === step.id}
                    onChange={() => change((was) => ({ ...was, start: step.id }))}
                  >
                    {t('step.start')}
                  </Checkbox>
                </div>
              )}
            </Labelled>
            <Who step={step} set={set} />
            <Faults place={place} exact />
            <ActionsEditor step={step} set={set} />
            <RightsGrid step={step} set={set} />
            <ScriptEditor step={step} set={set} />
          </>
        )}
        {step.end ? <Faults place={place} /> : null}
      </div>
    </div>
  );
}

/** Whom it is for: the first row whose condition holds. */
function Who({ step, set }: StepProps) {
  const { t } = useTranslation('ticketKinds');
  const { mayWrite } = useDesigner();
  const { who } = step;
  const place = `steps.${step.id}.who`;
  return (
    <Labelled label={t('step.who')} hint={who.length > 1 ? t('step.whoHint') : undefined} place={place} group wide>
      {() => (
        <div className="stack">
          {who.map((row, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows are gone through in order and have no names
            <div key={i} className="tk-who">
              <div className="tk-line">
                <FeelInput
                  value={row.when}
                  label={t('step.when')}
                  none={t('step.otherwise')}
                  onChange={(when) => {
                    const { when: _, ...bare } = row;
                    set(
                      { ...step, who: replaced(who, i, when === undefined ? bare : { ...bare, when }) },
                      `${place}.${i}`,
                    );
                  }}
                />
                {mayWrite ? <RemoveButton onClick={() => set({ ...step, who: without(who, i) })} /> : null}
              </div>
              <PartyRules
                rules={row.to}
                label={t('step.party')}
                onChange={(to) => set({ ...step, who: replaced(who, i, { ...row, to }) })}
              />
            </div>
          ))}
          <Nobody who={who} />
          {mayWrite ? (
            <div>
              <Button
                size="small"
                type="dashed"
                onClick={() => set({ ...step, who: [...who, { to: [{ kind: 'initiator' }] }] })}
              >
                {t('step.addWho')}
              </Button>
            </div>
          ) : null}
        </div>
      )}
    </Labelled>
  );
}
