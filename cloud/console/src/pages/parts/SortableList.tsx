import { type ReactNode, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../ui/icons.js';
import { moved } from './moved.js';
import './sortable-list.css';

interface SortableListProps {
  label: string;
  items: readonly { id: string; text: string; content: ReactNode; end?: ReactNode }[];
  disabled?: boolean;
  onChange: (ids: string[]) => void;
}

/** A list whose order people set: by dragging, or with the arrow keys on an item’s handle. */
export function SortableList({ label, items, disabled, onChange }: SortableListProps) {
  const { t } = useTranslation();
  const list = useRef<HTMLUListElement>(null);
  const [held, setHeld] = useState<string>();
  const [over, setOver] = useState<string>();
  const [said, setSaid] = useState('');
  const ids = items.map(({ id }) => id);
  const move = (id: string, to: number) => {
    const from = ids.indexOf(id);
    if (from < 0 || to < 0 || to >= ids.length || to === from) return;
    onChange(moved(ids, from, to));
    setSaid(t('movedTo', { name: items[from]?.text ?? '', place: to + 1, of: ids.length }));
    requestAnimationFrame(() => list.current?.querySelectorAll<HTMLElement>('.sortable-handle')[to]?.focus());
  };
  return (
    <>
      <ul className="sortable" aria-label={label} ref={list}>
        {items.map(({ id, text, content, end }, i) => (
          <li
            key={id}
            className={`sortable-item${held === id ? ' is-held' : ''}${over === id && held !== id ? ' is-over' : ''}`}
            draggable={!disabled}
            onDragStart={(event) => {
              event.dataTransfer.effectAllowed = 'move';
              event.dataTransfer.setData('text/plain', text);
              setHeld(id);
            }}
            onDragOver={(event) => {
              if (held === undefined) return;
              event.preventDefault();
              setOver(id);
            }}
            onDrop={(event) => {
              event.preventDefault();
              if (held !== undefined) move(held, i);
            }}
            onDragEnd={() => {
              setHeld(undefined);
              setOver(undefined);
            }}
          >
            {disabled ? null : (
              <button
                type="button"
                className="sortable-handle"
                aria-label={t('moveItem', { name: text })}
                title={t('moveHint')}
                onKeyDown={(event) => {
                  const by = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0;
                  if (by === 0) return;
                  event.preventDefault();
                  move(id, i + by);
                }}
              >
                <Icon name="grip" size={16} />
              </button>
            )}
            <span className="grow">{content}</span>
            {end}
          </li>
        ))}
      </ul>
      <p className="sr-only" role="status">
        {said}
      </p>
    </>
  );
}
