import type { BeginRule } from '@hallhub/shared/ticket';
import { useTranslation } from 'react-i18next';
import { useLabel } from '../../../i18n/use-language.js';
import { Empty } from '../../../ui/states.js';
import { moved, replaced, useDesigner, without } from '../draft/designer.js';
import { freeName } from '../draft/rename.js';
import { Faults } from '../parts/Faults.js';
import { MasterList } from '../parts/MasterList.js';
import { BeginEditor } from './BeginEditor.js';
import { fillAlike } from './fill-alike.js';
import { useOtherKinds } from './use-other-kinds.js';
import './begins.css';

/** Linked processes: which other tickets begin, when, and with what. */
export function BeginsTab() {
  const { t } = useTranslation('ticketKinds');
  const label = useLabel();
  const { kind, change, item, open, mayWrite } = useDesigner();
  const others = useOtherKinds();
  const { begins } = kind;
  const index = Math.max(
    0,
    begins.findIndex(({ id }) => id === item),
  );
  const rule = begins[index];
  const write = (next: BeginRule[], where?: string) => change((was) => ({ ...was, begins: next }), where);
  const nameOf = (code: string) => label((code === kind.code ? kind : others?.get(code))?.label) || code;
  const add = () => {
    const id = freeName(
      begins.map((one) => one.id),
      'begin_',
    );
    const other = [...(others?.values() ?? [])].find(({ code }) => code !== kind.code);
    const step = kind.steps.find(({ id: one }) => one === kind.start);
    const action = step?.actions.find(({ act }) => act === 'submit');
    write([
      ...begins,
      {
        ...{ id, label: { zh: t('new.begin') }, kind: other?.code ?? '', as: 'caused_by', again: 'never', holds: [] },
        on: action ? { on: 'action', step: kind.start, action: action.id } : { on: 'entered', step: kind.start },
        fields: other ? fillAlike(kind, other) : {},
      },
    ]);
    open('begins', id);
  };
  return (
    <div className="tk-split">
      <MasterList
        label={t('tabs.begins')}
        place="begins"
        items={begins.map((one) => ({ id: one.id, text: label(one.label), note: nameOf(one.kind) }))}
        selected={rule?.id}
        onSelect={(id) => open('begins', id)}
        onAdd={add}
        addText={t('new.begin')}
        onMove={(place, by) => write(moved(begins, place, by))}
        onRemove={(place) => write(without(begins, place))}
      />
      {rule ? (
        <div className="tk-editor card">
          <BeginEditor
            key={rule.id}
            rule={rule}
            others={others}
            set={(next, where) => write(replaced(begins, index, next), where)}
          />
          <Faults place="begins" exact />
        </div>
      ) : (
        <Empty title={t('begin.none')} hint={t(mayWrite ? 'begin.noneHint' : 'begin.noneShort')} />
      )}
    </div>
  );
}
