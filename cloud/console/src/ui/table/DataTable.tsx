import { App, Button, Checkbox } from 'antd';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useKeys } from '../keys.js';
import { Skeleton } from '../Skeleton.js';
import { ErrorState } from '../states.js';
import { type Column, columnWidth, visibleColumns } from './column.js';
import { HeadCell, type Sort } from './HeadCell.js';
import { TableMenu } from './TableMenu.js';
import { useTableLayout } from './table-layout.js';
import { rowHeightPx, useWindow } from './use-window.js';
import './data-table.css';

export type { Column } from './column.js';
export type { Sort } from './HeadCell.js';

export interface DataTableProps<Row> {
  /** Stable name for the person's column choice and exported files. */
  name: string;
  label: string;
  columns: Column<Row>[];
  rows: Row[] | undefined;
  rowKey: (row: Row) => string;
  error?: unknown;
  onRetry?: () => void;
  empty: ReactNode;
  /** Filters, at the left above the table. */
  tools?: ReactNode;
  openKey?: string | undefined;
  onOpen?: (row: Row) => void;
  /** `e` acts on the row under the cursor. */
  act?: { does: string; run: (row: Row) => void };
  bulk?: (rows: Row[], clear: () => void) => ReactNode;
  more?: { has: boolean; loading: boolean; load: () => void };
  sort?: Sort;
  onSort?: (sort: Sort) => void;
}

/** A dense list: native table, windowed, moved through by keyboard, sorted and filtered by the server. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { columns, rows, rowKey, onOpen, act, bulk, more } = props;
  const { t } = useTranslation();
  const { message } = App.useApp();
  const scroller = useRef<HTMLDivElement>(null);
  const [layout, setLayout] = useTableLayout(props.name);
  const count = rows?.length ?? 0;
  const view = useWindow(scroller, count);
  const [cursor, setCursor] = useState(-1);
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const lastPicked = useRef(-1);
  const shown = visibleColumns(columns, view.width, layout.hidden);
  const widthOf = (column: Column<Row>) =>
    layout.widths[column.id] ?? columnWidth(column, { width: view.width, isFirst: column === shown[0] });
  const minWidth = shown.reduce((sum, column) => sum + (widthOf(column) ?? 140), 0);

  const goTo = (index: number) => {
    const next = Math.max(0, Math.min(count - 1, index));
    if (count === 0) return;
    setCursor(next);
    const element = scroller.current;
    if (!element) return;
    const top = next * rowHeightPx;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + 2 * rowHeightPx > element.scrollTop + element.clientHeight) {
      element.scrollTop = top + 2 * rowHeightPx - element.clientHeight;
    }
    requestAnimationFrame(() =>
      element.querySelector<HTMLElement>(`[data-row="${next}"]`)?.focus({ preventScroll: true }),
    );
  };
  const pick = (index: number, range: boolean) => {
    const next = new Set(picked);
    const from = range && lastPicked.current >= 0 ? Math.min(lastPicked.current, index) : index;
    const to = range && lastPicked.current >= 0 ? Math.max(lastPicked.current, index) : index;
    const on = !picked.has(rowKey(rows?.[index] as Row));
    for (const row of rows?.slice(from, to + 1) ?? []) {
      if (on) next.add(rowKey(row));
      else next.delete(rowKey(row));
    }
    lastPicked.current = index;
    setPicked(next);
  };
  const atCursor = rows?.[cursor];
  useKeys([
    { key: 'j', does: t('table.keys.next'), run: () => goTo(cursor + 1) },
    { key: 'k', does: t('table.keys.previous'), run: () => goTo(cursor - 1) },
    ...(onOpen ? [{ key: 'Enter', does: t('table.keys.open'), run: () => atCursor && onOpen(atCursor) }] : []),
    ...(act ? [{ key: 'e', does: act.does, run: () => atCursor && act.run(atCursor) }] : []),
    ...(bulk
      ? [
          { key: 'x', does: t('table.keys.pick'), run: () => cursor >= 0 && pick(cursor, false) },
          { key: 'X', does: t('table.keys.pickTo'), run: () => cursor >= 0 && pick(cursor, true) },
        ]
      : []),
  ]);

  const nearEnd = more?.has && !more.loading && view.last >= count;
  const load = more?.load;
  useEffect(() => {
    if (nearEnd) load?.();
  }, [nearEnd, load]);

  const pickedRows = rows?.filter((row) => picked.has(rowKey(row))) ?? [];
  const openRow = (event: React.MouseEvent, row: Row, index: number) => {
    if ((event.target as HTMLElement).closest('a, button, input, label')) return;
    if (window.getSelection()?.toString()) return;
    if (bulk && event.shiftKey) return pick(index, true);
    setCursor(index);
    onOpen?.(row);
  };

  return (
    <div className="table">
      <div className="table-tools">
        {pickedRows.length > 0 && bulk ? (
          <div className="row row-wrap grow">
            <span>{t('table.picked', { count: pickedRows.length })}</span>
            {bulk(pickedRows, () => setPicked(new Set()))}
            <Button size="small" type="text" onClick={() => setPicked(new Set())}>
              {t('table.clear')}
            </Button>
          </div>
        ) : (
          <div className="row row-wrap grow">{props.tools}</div>
        )}
        <TableMenu
          name={props.name}
          columns={columns}
          rows={rows ?? []}
          layout={layout}
          onLayout={setLayout}
          onCopied={() => message.success(t('copied'))}
        />
      </div>
      <div className="table-scroll" ref={scroller}>
        <table aria-label={props.label} aria-rowcount={count + 1} aria-busy={rows === undefined} style={{ minWidth }}>
          <colgroup>
            {bulk ? <col style={{ width: 36 }} /> : null}
            {shown.map((column) => (
              <col key={column.id} style={{ width: widthOf(column) }} />
            ))}
          </colgroup>
          <thead>
            <tr>
              {bulk ? (
                <th scope="col" className="table-pick">
                  <Checkbox
                    aria-label={t('table.pickAll')}
                    checked={count > 0 && pickedRows.length === count}
                    indeterminate={pickedRows.length > 0 && pickedRows.length < count}
                    onChange={(event) => setPicked(new Set(event.target.checked ? rows?.map(rowKey) : []))}
                  />
                </th>
              ) : null}
              {shown.map((column) => (
                <HeadCell
                  key={column.id}
                  column={column}
                  sort={props.sort}
                  onSort={props.onSort}
                  onResize={(width) => setLayout({ ...layout, widths: { ...layout.widths, [column.id]: width } })}
                />
              ))}
            </tr>
          </thead>
          <tbody>
            {rows === undefined && !props.error ? <SkeletonRows columns={shown} extra={bulk ? 1 : 0} /> : null}
            {view.first > 0 ? <tr style={{ height: view.first * rowHeightPx }} /> : null}
            {rows?.slice(view.first, view.last).map((row, offset) => {
              const index = view.first + offset;
              const key = rowKey(row);
              const open = props.openKey === key;
              return (
                <tr
                  key={key}
                  data-row={index}
                  aria-rowindex={index + 2}
                  aria-selected={open || picked.has(key) || undefined}
                  tabIndex={index === Math.max(0, cursor) ? 0 : -1}
                  className={open ? 'is-open' : undefined}
                  onFocus={() => setCursor(index)}
                  // Shift picks a range here; the browser would select text, too.
                  onMouseDown={(event) => bulk && event.shiftKey && event.preventDefault()}
                  onClick={(event) => openRow(event, row, index)}
                >
                  {bulk ? (
                    <td className="table-pick">
                      <Checkbox
                        aria-label={t('table.pickOne')}
                        checked={picked.has(key)}
                        onChange={(event) => pick(index, (event.nativeEvent as MouseEvent).shiftKey)}
                      />
                    </td>
                  ) : null}
                  {shown.map((column) => (
                    <td key={column.id} className={column.align === 'end' ? 'align-end' : undefined}>
                      {column.cell(row)}
                    </td>
                  ))}
                </tr>
              );
            })}
            {view.last < count ? <tr style={{ height: (count - view.last) * rowHeightPx }} /> : null}
          </tbody>
        </table>
        {props.error && rows === undefined ? <ErrorState error={props.error} onRetry={props.onRetry} /> : null}
        {rows && count === 0 && !more?.has ? props.empty : null}
        {more?.loading && rows ? <p className="table-more faint small">{t('loadingMore')}</p> : null}
      </div>
    </div>
  );
}

function SkeletonRows<Row>({ columns, extra }: { columns: Column<Row>[]; extra: number }) {
  return Array.from({ length: 10 }, (_, row) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the bars never move
    <tr key={row} className="table-skeleton">
      {extra ? <td /> : null}
      {columns.map((column, index) => (
        <td key={column.id}>
          <Skeleton width={`${40 + ((row * 17 + index * 29) % 45)}%`} />
        </td>
      ))}
    </tr>
  ));
}
