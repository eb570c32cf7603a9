import { Button } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../../ui/icons.js';
import { useDesigner } from '../draft/designer.js';
import { faultsWithin } from '../draft/find-faults.js';

interface MasterListProps {
  label: string;
  items: readonly { id: string; text: string; note?: ReactNode }[];
  /** Where they stand in the document: `steps`. */
  place: string;
  selected: string | undefined;
  onSelect: (id: string) => void;
  onAdd: () => void;
  addText: string;
  onMove: (index: number, by: -1 | 1) => void;
  onRemove: (index: number) => void;
}

/** The parts of one sort, in their order: one is open beside it. */
export function MasterList({
  label,
  items,
  place,
  selected,
  onSelect,
  onAdd,
  addText,
  onMove,
  onRemove,
}: MasterListProps) {
  const { t } = useTranslation('ticketKinds');
  const { faults, mayWrite } = useDesigner();
  const at = items.findIndex(({ id }) => id === selected);
  const mark = (id: string) => {
    const within = faultsWithin(faults, `${place}.${id}`);
    if (within.length === 0) return null;
    const worst = within.some(({ severity }) => severity === 'error') ? 'error' : 'warning';
    return (
      <span className={`tk-count tk-count-${worst}`}>
        <span className="sr-only">{t('faults.of')}</span>
        {within.length}
      </span>
    );
  };
  return (
    <nav className="tk-master" aria-label={label}>
      <ul>
        {items.map(({ id, text, note }) => (
          <li key={id}>
            <button
              type="button"
              className={id === selected ? 'tk-master-item is-open' : 'tk-master-item'}
              aria-current={id === selected ? 'true' : undefined}
              onClick={() => onSelect(id)}
            >
              <span className="grow clip">{text || <span className="faint">{id}</span>}</span>
              {note ? <span className="faint small clip">{note}</span> : null}
              {mark(id)}
            </button>
          </li>
        ))}
      </ul>
      {mayWrite ? (
        <div className="tk-master-acts">
          <Button size="small" icon={<Icon name="plus" size={14} />} onClick={onAdd}>
            {addText}
          </Button>
          <span className="grow" />
          <Button size="small" type="text" disabled={at < 1} aria-label={t('part.up')} onClick={() => onMove(at, -1)}>
            <span className="tk-up">
              <Icon name="down" size={14} />
            </span>
          </Button>
          <Button
            size="small"
            type="text"
            disabled={at < 0 || at === items.length - 1}
            aria-label={t('part.down')}
            onClick={() => onMove(at, 1)}
          >
            <Icon name="down" size={14} />
          </Button>
          <Button size="small" type="text" disabled={at < 0} aria-label={t('part.remove')} onClick={() => onRemove(at)}>
            <Icon name="close" size={14} />
          </Button>
        </div>
      ) : null}
    </nav>
  );
}
