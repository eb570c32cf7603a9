import { useTranslation } from 'react-i18next';
import { useLabel } from '../../i18n/use-language.js';
import { Section } from '../../ui/Page.js';
import { moved, replaced, useDesigner, without } from './draft/designer.js';
import { freeName } from './draft/rename.js';
import { LabelInput } from './parts/LabelInput.js';
import { MasterList } from './parts/MasterList.js';

/** How grave tickets of the kind can be. */
export function Levels() {
  const { t } = useTranslation('ticketKinds');
  const label = useLabel();
  const { kind, change, item, open } = useDesigner();
  const { levels } = kind;
  const at = Math.max(
    0,
    levels.findIndex(({ id }) => id === item),
  );
  const level = levels[at];
  const set = (next: typeof levels, place?: string) => change((was) => ({ ...was, levels: next }), place);
  const add = () => {
    const id = freeName(
      levels.map((one) => one.id),
      'level_',
    );
    set([...levels, { id, label: { zh: t('new.level') } }]);
    open('general', id);
  };
  return (
    <Section title={t('general.levels')}>
      <div className="tk-form">
        <MasterList
          label={t('general.levels')}
          place="levels"
          items={levels.map((one) => ({ id: one.id, text: label(one.label), note: one.id }))}
          selected={level?.id}
          onSelect={(id) => open('general', id)}
          onAdd={add}
          addText={t('new.level')}
          onMove={(index, by) => set(moved(levels, index, by))}
          onRemove={(index) => set(without(levels, index))}
        />
        {level ? (
          <LabelInput
            label={t('general.levelLabel')}
            value={level.label}
            place={`levels.${level.id}`}
            onChange={(next) => set(replaced(levels, at, { ...level, label: next }), `levels.${level.id}`)}
          />
        ) : (
          <p className="faint small">{t('general.noLevels')}</p>
        )}
      </div>
    </Section>
  );
}
