import type { ReactNode } from 'react';
import './report-table.css';

export interface ReportColumn<Row> {
  readonly key: string;
  readonly head: ReactNode;
  readonly cell: (row: Row) => ReactNode;
  readonly className?: string | undefined | ((row: Row) => string | undefined);
}

interface ReportTableProps<Row> {
  readonly className?: string;
  /** The first names its row. */
  readonly columns: readonly ReportColumn<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
}

/** A table as it stands on paper: whole, without scrolling, a row never broken by a page's end. */
export function ReportTable<Row>({ className, columns, rows, keyOf }: ReportTableProps<Row>) {
  const classOf = ({ className: given }: ReportColumn<Row>, row: Row) =>
    typeof given === 'function' ? given(row) : given;
  return (
    <table className={className ? `report-table ${className}` : 'report-table'}>
      <thead>
        <tr>
          {columns.map(({ key, head }) => (
            <th key={key} scope="col">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)}>
            {columns.map((column, i) =>
              i === 0 ? (
                <th key={column.key} scope="row" className={classOf(column, row)}>
                  {column.cell(row)}
                </th>
              ) : (
                <td key={column.key} className={classOf(column, row)}>
                  {column.cell(row)}
                </td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
