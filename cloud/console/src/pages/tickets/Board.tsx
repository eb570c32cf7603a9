import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TicketRow } from '../../api/tickets.js';
import { useLabel } from '../../i18n/use-language.js';
import { useKeys } from '../../ui/keys.js';
import { Skeleton } from '../../ui/Skeleton.js';
import { ErrorState } from '../../ui/states.js';
import { boardColumns, stepOnBoard } from './board-columns.js';
import { RowDue, StateMark, TroubleMarks } from './marks.js';
import { useLoadAll } from './use-load-all.js';

interface BoardProps {
  rows: TicketRow[] | undefined;
  error: unknown;
  onRetry: () => void;
  more: { has: boolean; loading: boolean; load: () => void };
  tools: ReactNode;
  openId: string | undefined;
  onOpen: (id: string) => void;
  empty: ReactNode;
}

const mostCards = 500;

/** A column for each state; a card says what it is, whose turn it is and how long is left. */
export function Board({ rows, error, onRetry, more, tools, openId, onOpen, empty }: BoardProps) {
  const { t } = useTranslation('tickets');
  const label = useLabel();
  const [cursor, setCursor] = useState<string>();
  useLoadAll(more, rows?.length ?? 0, mostCards);
  const columns = boardColumns(rows ?? []);
  const go = (move: 'up' | 'down' | 'left' | 'right') => {
    const next = stepOnBoard(columns, cursor ?? openId, move);
    setCursor(next);
    if (next) document.getElementById(`card-${next}`)?.focus();
  };
  useKeys([
    { key: 'j', does: t('keys.down'), run: () => go('down') },
    { key: 'k', does: t('keys.up'), run: () => go('up') },
    { key: 'h', does: t('keys.left'), run: () => go('left') },
    { key: 'l', does: t('keys.right'), run: () => go('right') },
    { key: 'Enter', does: t('keys.open'), run: () => cursor && onOpen(cursor) },
  ]);
  return (
    <div className="board-page">
      <div className="table-tools">{tools}</div>
      {error && !rows ? (
        <ErrorState error={error} onRetry={onRetry} />
      ) : rows === undefined ? (
        <div className="board" aria-busy="true">
          {[5, 3, 4].map((cards, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the bars never move
            <div key={i} className="board-column">
              <Skeleton width="40%" />
              {Array.from({ length: cards }, (_, card) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the bars never move
                <div key={card} className="board-card">
                  <Skeleton width="80%" />
                  <Skeleton width="50%" />
                </div>
              ))}
            </div>
          ))}
        </div>
      ) : rows.length === 0 ? (
        empty
      ) : (
        <div className="board">
          {columns.map((column) => (
            <section key={column.key} className="board-column" aria-label={label(column.label)}>
              <h2 className="board-head">
                <StateMark state={{ id: column.key, phase: column.phase, label: column.label }} />
                <span className="faint small">{column.rows.length}</span>
              </h2>
              <ul className="board-cards">
                {column.rows.map((row) => (
                  <li key={row.id}>
                    <button
                      id={`card-${row.id}`}
                      type="button"
                      className={row.id === openId ? 'board-card is-open' : 'board-card'}
                      aria-current={row.id === openId || undefined}
                      onFocus={() => setCursor(row.id)}
                      onClick={() => onOpen(row.id)}
                    >
                      <span className="board-title">{row.title || t('untitled')}</span>
                      <TroubleMarks row={row} />
                      <span className="board-line">
                        <RowDue row={row} />
                        <span className="faint small clip">{row.holders.map(({ name }) => name).join(t('and'))}</span>
                      </span>
                      <span className="faint small board-number">
                        {label(row.kind.label)} · {row.number}
                      </span>
                    </button>
                  </li>
                ))}
              </ul>
            </section>
          ))}
          {more.has && rows.length >= mostCards ? (
            <p className="faint small board-more">{t('board.most', { count: mostCards })}</p>
          ) : null}
        </div>
      )}
    </div>
  );
}
