import { type Phase, phases } from '@hallhub/shared/ticket';
import { Button, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { replaced, useDesigner, without } from '../draft/designer.js';
import { freeName } from '../draft/rename.js';
import { Faults } from '../parts/Faults.js';
import { RemoveButton } from '../parts/RemoveButton.js';

/** The states by which people name where a ticket is, and what each counts as. */
export function StatesEditor() {
  const { t } = useTranslation('ticketKinds');
  const { kind, change, mayWrite } = useDesigner();
  const { states } = kind;
  const set = (next: typeof states, place?: string) => change((was) => ({ ...was, states: next }), place);
  return (
    <div className="stack">
      <ul className="tk-states">
        {states.map((state, i) => {
          const place = `states.${state.id}`;
          return (
            <li key={state.id} className="tk-choice">
              <code className="faint clip">{state.id}</code>
              <Input
                disabled={!mayWrite}
                value={state.label.zh}
                placeholder={t('part.zhShort')}
                aria-label={t('part.zh', { label: t('states.one') })}
                onChange={({ target }) =>
                  set(replaced(states, i, { ...state, label: { ...state.label, zh: target.value } }), `${place}.zh`)
                }
              />
              <Input
                disabled={!mayWrite}
                value={state.label.en ?? ''}
                placeholder={t('part.enShort')}
                aria-label={t('part.en', { label: t('states.one') })}
                onChange={({ target }) => {
                  const label = target.value === '' ? { zh: state.label.zh } : { ...state.label, en: target.value };
                  set(replaced(states, i, { ...state, label }), `${place}.en`);
                }}
              />
              <Select
                disabled={!mayWrite}
                value={state.phase}
                aria-label={t('states.phase')}
                options={phases.map((one) => ({ value: one, label: t(`phase.${one}`) }))}
                onChange={(phase: Phase) => set(replaced(states, i, { ...state, phase }))}
              />
              {mayWrite ? <RemoveButton onClick={() => set(without(states, i))} /> : null}
              <Faults place={place} />
            </li>
          );
        })}
      </ul>
      <Faults place="states" exact />
      {mayWrite ? (
        <div>
          <Button
            size="small"
            onClick={() => {
              const id = freeName(
                states.map((one) => one.id),
                'state_',
              );
              set([...states, { id, label: { zh: t('new.state') }, phase: 'open' }]);
            }}
          >
            {t('states.add')}
          </Button>
        </div>
      ) : null}
    </div>
  );
}
