import type { SuperviseRule } from '@hallhub/shared/ticket';
import { useTranslation } from 'react-i18next';
import { useLabel } from '../../../i18n/use-language.js';
import { Empty } from '../../../ui/states.js';
import { moved, replaced, useDesigner, without } from '../draft/designer.js';
import { freeName } from '../draft/rename.js';
import { Faults } from '../parts/Faults.js';
import { FeelInput } from '../parts/FeelInput.js';
import { LabelInput } from '../parts/LabelInput.js';
import { Labelled } from '../parts/Labelled.js';
import { MasterList } from '../parts/MasterList.js';
import { Receivers } from '../parts/Receivers.js';
import { TriggerInput } from './TriggerInput.js';

/** What puts a ticket under supervision by itself. */
export function SuperviseTab() {
  const { t } = useTranslation('ticketKinds');
  const label = useLabel();
  const { kind, change, item, open } = useDesigner();
  const { supervise } = kind;
  const index = Math.max(
    0,
    supervise.findIndex(({ id }) => id === item),
  );
  const rule = supervise[index];
  const write = (next: SuperviseRule[], where?: string) => change((was) => ({ ...was, supervise: next }), where);
  const add = () => {
    const id = freeName(
      supervise.map((one) => one.id),
      'supervise_',
    );
    const [clock] = kind.clocks;
    write([
      ...supervise,
      {
        ...{ id, label: { zh: t('new.supervise') }, to: [{ kind: 'holders' }] },
        on: clock ? { on: 'breach', clock: clock.id } : { on: 'returned', times: 2 },
      },
    ]);
    open('supervise', id);
  };
  return (
    <div className="stack">
      <Faults place="supervise" exact />
      <div className="tk-split">
        <MasterList
          label={t('tabs.supervise')}
          place="supervise"
          items={supervise.map((one) => ({
            id: one.id,
            text: label(one.label),
            note: t(`supervise.onOf.${one.on.on}`),
          }))}
          selected={rule?.id}
          onSelect={(id) => open('supervise', id)}
          onAdd={add}
          addText={t('new.supervise')}
          onMove={(place, by) => write(moved(supervise, place, by))}
          onRemove={(place) => write(without(supervise, place))}
        />
        {rule ? (
          <RuleEditor key={rule.id} rule={rule} set={(next, where) => write(replaced(supervise, index, next), where)} />
        ) : (
          <Empty title={t('supervise.none')} hint={t('supervise.noneHint')} />
        )}
      </div>
    </div>
  );
}

function RuleEditor({ rule, set }: { rule: SuperviseRule; set: (next: SuperviseRule, where?: string) => void }) {
  const { t } = useTranslation('ticketKinds');
  const place = `supervise.${rule.id}`;
  const { when: _, ...bare } = rule;
  return (
    <div className="tk-editor card">
      <div className="tk-form">
        <LabelInput
          label={t('supervise.label')}
          hint={t('supervise.labelHint')}
          value={rule.label}
          place={`${place}.label`}
          onChange={(label) => set({ ...rule, label }, `${place}.label`)}
        />
        <Labelled label={t('supervise.on')} hint={t(`supervise.hintOf.${rule.on.on}`)} place={place} exact group wide>
          {() => <TriggerInput on={rule.on} onChange={(on) => set({ ...rule, on })} />}
        </Labelled>
        <Labelled label={t('supervise.when')} group wide>
          {() => (
            <FeelInput
              value={rule.when}
              label={t('supervise.when')}
              none={t('supervise.whenNone')}
              onChange={(when) => set(when === undefined ? bare : { ...bare, when }, `${place}.when`)}
            />
          )}
        </Labelled>
        <Receivers
          to={rule.to}
          label={t('supervise.to')}
          sorts={['holders', 'rule']}
          onChange={(to) => set({ ...rule, to })}
        />
      </div>
    </div>
  );
}
