import { type KeyboardEvent, type ReactNode, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CategoryUse } from '../../api/category-trees.js';
import { useLabel } from '../../i18n/use-language.js';
import { Icon } from '../../ui/icons.js';
import { rowHeightPx, useWindow } from '../../ui/table/use-window.js';
import type { CategoryRow, Step } from './category-draft.js';

interface Place {
  parent: string | null;
  before: string | null;
}
interface TreeViewProps {
  label: string;
  rows: readonly CategoryRow[];
  used: ReadonlyMap<string, CategoryUse>;
  open: string | undefined;
  mayWrite: boolean;
  isNew: (code: string) => boolean;
  onOpen: (code: string) => void;
  onFold: (code: string, shut: boolean) => void;
  onStep: (code: string, step: Step) => void;
  onDrop: (code: string, to: Place) => void;
  empty: ReactNode;
}

const steps: Record<string, Step> = { ArrowUp: 'up', ArrowDown: 'down', ArrowRight: 'in', ArrowLeft: 'out' };

/** A tree of any size: only what is near the eye is drawn. Arrows walk and fold, with Alt they move. */
export function TreeView(props: TreeViewProps) {
  const { label, rows, used, open, mayWrite, isNew, onOpen, onFold, onStep, onDrop, empty } = props;
  const { t } = useTranslation('categories');
  const text = useLabel();
  const scroller = useRef<HTMLDivElement>(null);
  const view = useWindow(scroller, rows.length);
  const [at, setAt] = useState<string>();
  const [held, setHeld] = useState<string>();
  const [over, setOver] = useState<{ code: string; part: 'before' | 'into' | 'after' }>();
  const cursor = Math.max(
    0,
    rows.findIndex(({ category }) => category.code === (at ?? open)),
  );
  const focus = (code: string) =>
    requestAnimationFrame(() =>
      scroller.current?.querySelector<HTMLElement>(`[data-code="${code}"]`)?.focus({ preventScroll: true }),
    );
  const goTo = (index: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))];
    const box = scroller.current;
    if (!row || !box) return;
    const top = rows.indexOf(row) * rowHeightPx;
    if (top < box.scrollTop) box.scrollTop = top;
    else if (top + rowHeightPx > box.scrollTop + box.clientHeight) box.scrollTop = top + rowHeightPx - box.clientHeight;
    setAt(row.category.code);
    // Far away it is drawn first.
    requestAnimationFrame(() => focus(row.category.code));
  };
  const onKey = (event: KeyboardEvent, row: CategoryRow) => {
    const { code } = row.category;
    const index = rows.indexOf(row);
    const step = steps[event.key];
    if (event.altKey && step) {
      event.preventDefault();
      if (mayWrite) {
        onStep(code, step);
        focus(code);
      }
      return;
    }
    const move = walk(event.key, row, index);
    if (!move) return;
    event.preventDefault();
    move();
  };
  const walk = (key: string, row: CategoryRow, index: number): (() => unknown) | undefined => {
    const { code, parent } = row.category;
    switch (key) {
      case 'ArrowDown':
        return () => goTo(index + 1);
      case 'ArrowUp':
        return () => goTo(index - 1);
      case 'Home':
        return () => goTo(0);
      case 'End':
        return () => goTo(rows.length - 1);
      case 'ArrowRight':
        return () => (row.below > 0 && !row.open ? onFold(code, false) : row.open && goTo(index + 1));
      case 'ArrowLeft':
        return () => (row.open ? onFold(code, true) : goTo(rows.findIndex(({ category }) => category.code === parent)));
      case 'Enter':
      case ' ':
        return () => onOpen(code);
      default:
        return undefined;
    }
  };
  const placeOf = (row: CategoryRow, part: 'before' | 'into' | 'after'): Place => {
    const { code, parent } = row.category;
    if (part === 'into') return { parent: code, before: null };
    if (part === 'before') return { parent, before: code };
    const next = rows.find(({ category, place }) => category.parent === parent && place === row.place + 1);
    return { parent, before: next?.category.code ?? null };
  };
  return (
    <div className="cat-tree" ref={scroller}>
      {rows.length === 0 ? empty : null}
      <div role="tree" aria-label={label} style={{ height: rows.length * rowHeightPx, position: 'relative' }}>
        {rows.slice(view.first, view.last).map((row, offset) => {
          const { category, level } = row;
          const { code } = category;
          const index = view.first + offset;
          const use = used.get(code);
          const part = over?.code === code && held !== code ? ` is-${over.part}` : '';
          return (
            <div
              key={code}
              role="treeitem"
              data-code={code}
              aria-level={level}
              aria-setsize={row.of}
              aria-posinset={row.place}
              aria-selected={open === code}
              {...(row.below > 0 ? { 'aria-expanded': row.open } : {})}
              tabIndex={index === cursor ? 0 : -1}
              className={`cat-row${open === code ? ' is-open' : ''}${category.retired ? ' is-retired' : ''}${held === code ? ' is-held' : ''}${part}`}
              style={{ top: index * rowHeightPx, paddingInlineStart: 8 + (level - 1) * 22 }}
              draggable={mayWrite && !category.retired}
              onFocus={() => setAt(code)}
              onKeyDown={(event) => onKey(event, row)}
              onClick={() => onOpen(code)}
              onDragStart={(event) => {
                event.dataTransfer.effectAllowed = 'move';
                event.dataTransfer.setData('text/plain', code);
                setHeld(code);
              }}
              onDragOver={(event) => {
                if (held === undefined) return;
                event.preventDefault();
                const box = event.currentTarget.getBoundingClientRect();
                const y = (event.clientY - box.top) / box.height;
                const next = y < 0.28 ? 'before' : y > 0.72 ? 'after' : 'into';
                if (over?.code !== code || over.part !== next) setOver({ code, part: next });
              }}
              onDrop={(event) => {
                event.preventDefault();
                if (held !== undefined && over && held !== code) onDrop(held, placeOf(row, over.part));
              }}
              onDragEnd={() => {
                setHeld(undefined);
                setOver(undefined);
              }}
            >
              <span
                className={row.open ? 'cat-fold is-open' : 'cat-fold'}
                aria-hidden="true"
                onClick={(event) => {
                  event.stopPropagation();
                  if (row.below > 0) onFold(code, row.open);
                }}
              >
                {row.below > 0 ? <Icon name="chevron" size={14} /> : null}
              </span>
              <span className="clip">
                {text(category.label) || <span className="problem-inline">{t('noName')}</span>}
                {row.below > 0 ? <span className="faint small"> {row.below}</span> : null}
              </span>
              {isNew(code) ? <span className="cat-new">{t('isNew')}</span> : null}
              {category.retired ? <span className="faint small">{t('retired')}</span> : null}
              <span className="grow" />
              {use ? (
                <span className="faint small nowrap">
                  {[
                    use.tickets > 0 ? t('ticketsCount', { count: use.tickets }) : '',
                    use.offices > 0 ? t('officesCount', { count: use.offices }) : '',
                  ]
                    .filter(Boolean)
                    .join(' · ')}
                </span>
              ) : null}
              <code className="faint cat-code clip">{code}</code>
            </div>
          );
        })}
      </div>
    </div>
  );
}
