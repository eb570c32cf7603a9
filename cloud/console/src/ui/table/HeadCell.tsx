import { useTranslation } from 'react-i18next';
import type { Column } from './column.js';

export interface Sort {
  by: string;
  descending: boolean;
}

interface HeadCellProps<Row> {
  column: Column<Row>;
  sort: Sort | undefined;
  onSort: ((sort: Sort) => void) | undefined;
  onResize: (width: number) => void;
}

/** A column's heading: sorts when pressed, resizes by its right edge (arrow keys too). */
export function HeadCell<Row>({ column, sort, onSort, onResize }: HeadCellProps<Row>) {
  const { t } = useTranslation();
  const sorted = column.sort !== undefined && sort?.by === column.sort;
  const startResize = (event: React.PointerEvent<HTMLSpanElement>) => {
    const cell = event.currentTarget.closest('th');
    if (!cell) return;
    event.preventDefault();
    const handle = event.currentTarget;
    handle.setPointerCapture(event.pointerId);
    const start = { x: event.clientX, width: cell.offsetWidth };
    const move = (now: PointerEvent) => onResize(Math.max(64, Math.round(start.width + now.clientX - start.x)));
    const end = () => {
      handle.removeEventListener('pointermove', move);
      handle.removeEventListener('lostpointercapture', end);
    };
    handle.addEventListener('pointermove', move);
    handle.addEventListener('lostpointercapture', end);
  };
  const by = column.sort;
  return (
    <th
      scope="col"
      className={column.align === 'end' ? 'align-end' : undefined}
      aria-sort={sorted ? (sort?.descending ? 'descending' : 'ascending') : undefined}
    >
      {by && onSort ? (
        <button
          type="button"
          className="table-sort"
          onClick={() => onSort({ by, descending: sorted ? !sort?.descending : false })}
        >
          <span className="clip">{column.title}</span>
          <span className="table-sort-mark" aria-hidden="true">
            {sorted ? (sort?.descending ? '↓' : '↑') : ''}
          </span>
        </button>
      ) : (
        <span className="clip table-heading">{column.title}</span>
      )}
      <span className="table-resize" aria-hidden="true" onPointerDown={startResize} title={t('table.resize')} />
    </th>
  );
}
