import { taskActs } from '@hallhub/shared/ticket';
import { Button, Checkbox, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLabel } from '../../../i18n/use-language.js';
import { moved, replaced, useDesigner, without } from '../draft/designer.js';
import { freeName } from '../draft/rename.js';
import { FeelInput } from '../parts/FeelInput.js';
import { LabelInput } from '../parts/LabelInput.js';
import { Labelled } from '../parts/Labelled.js';
import { MasterList } from '../parts/MasterList.js';
import { NameInput } from '../parts/NameInput.js';
import { PartyRuleInput } from '../parts/PartyRules.js';
import { RemoveButton } from '../parts/RemoveButton.js';
import { useOptions } from '../parts/use-options.js';
import type { Step, StepProps } from './StepEditor.js';

type Action = Step['actions'][number];

/** What somebody who has the step may do. */
export function ActionsEditor({ step, set }: StepProps) {
  const { t } = useTranslation('ticketKinds');
  const label = useLabel();
  const [chosen, setChosen] = useState<string>();
  const { actions } = step;
  const index = Math.max(
    0,
    actions.findIndex(({ id }) => id === chosen),
  );
  const action = actions[index];
  const write = (next: Action[], where?: string) => set({ ...step, actions: next }, where);
  const add = () => {
    const id = freeName(
      actions.map((one) => one.id),
      'action_',
    );
    write([
      ...actions,
      {
        id,
        label: { zh: t('new.action') },
        act: 'submit',
        to: [],
        opinion: 'optional',
        marks: [],
        clears: [],
        grave: false,
      },
    ]);
    setChosen(id);
  };
  return (
    <Labelled label={t('action.title')} group wide>
      {() => (
        <div className="tk-actions">
          <MasterList
            label={t('action.title')}
            place={`steps.${step.id}.actions`}
            items={actions.map((one) => ({ id: one.id, text: label(one.label), note: t(`act.${one.act}`) }))}
            selected={action?.id}
            onSelect={setChosen}
            onAdd={add}
            addText={t('new.action')}
            onMove={(place, by) => write(moved(actions, place, by))}
            onRemove={(place) => write(without(actions, place))}
          />
          {action ? (
            <ActionEditor
              key={index}
              step={step}
              action={action}
              onRename={(id) => {
                write(replaced(actions, index, { ...action, id }));
                setChosen(id);
              }}
              onChange={(next, where) => write(replaced(actions, index, next), where)}
            />
          ) : null}
        </div>
      )}
    </Labelled>
  );
}

interface ActionEditorProps {
  step: Step;
  action: Action;
  onRename: (id: string) => void;
  onChange: (next: Action, where?: string) => void;
}

function ActionEditor({ step, action, onRename, onChange }: ActionEditorProps) {
  const { t } = useTranslation('ticketKinds');
  const { mayWrite } = useDesigner();
  const options = useOptions();
  const place = `steps.${step.id}.actions.${action.id}`;
  const given = { disabled: !mayWrite };
  const goes = action.act === 'submit' || action.act === 'return';
  const optional = <K extends 'when' | 'who'>(name: K, value: Action[K] | undefined): Action => {
    const { [name]: _, ...bare } = action;
    return (value === undefined ? bare : { ...bare, [name]: value }) as Action;
  };
  return (
    <div className="tk-form tk-action">
      <LabelInput
        label={t('action.label')}
        value={action.label}
        place={`${place}.label`}
        onChange={(label) => onChange({ ...action, label }, `${place}.label`)}
      />
      <Labelled label={t('action.act')} place={place} hint={t(`actHint.${action.act}`)}>
        {(id) => (
          <Select
            {...given}
            id={id}
            value={action.act}
            options={taskActs.map((one) => ({ value: one, label: t(`act.${one}`) }))}
            onChange={(act: Action['act']) =>
              onChange({ ...action, act, to: act === 'submit' || act === 'return' ? action.to : [] })
            }
          />
        )}
      </Labelled>
      <NameInput
        value={action.id}
        taken={step.actions.map(({ id }) => id)}
        pattern={/^[a-z][a-z0-9_]{0,47}$/}
        hint={t('part.slugHint')}
        onRename={onRename}
      />
      <Labelled label={t('action.opinion')}>
        {(id) => (
          <Select
            {...given}
            id={id}
            value={action.opinion}
            options={(['no', 'optional', 'required'] as const).map((one) => ({
              value: one,
              label: t(`action.opinionOf.${one}`),
            }))}
            onChange={(opinion: Action['opinion']) => onChange({ ...action, opinion })}
          />
        )}
      </Labelled>
      <Labelled label={t('action.when')} group wide>
        {() => (
          <FeelInput
            value={action.when}
            label={t('action.when')}
            none={t('action.alwaysOffered')}
            onChange={(when) => onChange(optional('when', when), `${place}.when`)}
          />
        )}
      </Labelled>
      {goes ? <Targets action={action} place={place} onChange={onChange} /> : null}
      {action.act === 'submit' ? (
        <>
          <Labelled label={t('action.who')} group wide>
            {() => (
              <div className="tk-line">
                <Checkbox
                  {...given}
                  checked={action.who !== undefined}
                  onChange={({ target }) =>
                    onChange(optional('who', target.checked ? { kind: 'chosen', most: 1 } : undefined))
                  }
                >
                  {t('action.whoOwn')}
                </Checkbox>
                {action.who ? (
                  <PartyRuleInput
                    rule={action.who}
                    label={t('action.who')}
                    onChange={(who) => onChange({ ...action, who })}
                  />
                ) : null}
              </div>
            )}
          </Labelled>
          <Labelled label={t('action.marks')} hint={t('action.marksHint')}>
            {(id) => (
              <Select
                {...given}
                id={id}
                mode="tags"
                value={action.marks}
                options={[...new Set(['solved', 'fed_back', 'confirmed', ...options.marks])].map((one) => ({
                  value: one,
                  label: t(`mark.${one}`, { defaultValue: one }),
                }))}
                onChange={(marks: string[]) => onChange({ ...action, marks: marks.slice(0, 5) })}
              />
            )}
          </Labelled>
          <Labelled label={t('action.clears')} hint={t('action.clearsHint')}>
            {(id) => (
              <Select
                {...given}
                id={id}
                mode="multiple"
                value={action.clears}
                options={options.fields}
                onChange={(clears: string[]) => onChange({ ...action, clears: clears.slice(0, 20) })}
              />
            )}
          </Labelled>
        </>
      ) : null}
      <Labelled label={t('action.more')} group>
        {() => (
          <Checkbox
            {...given}
            checked={action.grave}
            onChange={({ target }) => onChange({ ...action, grave: target.checked })}
          >
            {t('action.grave')}
          </Checkbox>
        )}
      </Labelled>
    </div>
  );
}

/** Where it leads: the first row whose condition holds. */
function Targets({
  action,
  place,
  onChange,
}: {
  action: Action;
  place: string;
  onChange: ActionEditorProps['onChange'];
}) {
  const { t } = useTranslation('ticketKinds');
  const { mayWrite } = useDesigner();
  const options = useOptions();
  const { to } = action;
  const steps = action.act === 'return' ? options.works : options.steps;
  return (
    <Labelled
      label={t('action.to')}
      hint={action.act === 'return' && to.length === 0 ? t('action.anywhere') : undefined}
      group
      wide
    >
      {() => (
        <div className="tk-rules">
          {to.map((target, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: targets are gone through in order and have no names
            <div key={i} className="tk-line tk-target">
              <Select
                disabled={!mayWrite}
                className="tk-target-step"
                value={target.step}
                aria-label={t('action.step')}
                options={steps}
                onChange={(step: string) => onChange({ ...action, to: replaced(to, i, { ...target, step }) })}
              />
              <FeelInput
                value={target.when}
                label={t('step.when')}
                none={t('step.otherwise')}
                onChange={(when) => {
                  const { when: _, ...bare } = target;
                  onChange(
                    { ...action, to: replaced(to, i, when === undefined ? bare : { ...bare, when }) },
                    `${place}.to.${i}`,
                  );
                }}
              />
              {mayWrite ? <RemoveButton onClick={() => onChange({ ...action, to: without(to, i) })} /> : null}
            </div>
          ))}
          {mayWrite ? (
            <Button
              size="small"
              type="dashed"
              disabled={to.length >= 10}
              onClick={() => onChange({ ...action, to: [...to, { step: steps[0]?.value ?? '' }] })}
            >
              {t('action.addTarget')}
            </Button>
          ) : null}
        </div>
      )}
    </Labelled>
  );
}
