interface LedgerSheetProps {
  head: readonly string[];
  rows: readonly (readonly string[])[];
  /** So many columns at the end hold words: they wrap, and begin where their head does. */
  words?: number;
}

/** Figures in rows under heads; the first column names them. */
export function LedgerSheet({ head, rows, words = 0 }: LedgerSheetProps) {
  const look = (column: number) => (column >= head.length - words ? 'is-words' : undefined);
  return (
    <div className="incidents-scroll">
      <table className="incidents-table">
        <thead>
          <tr>
            {head.map((name, i) => (
              <th key={name} scope="col" className={look(i)}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row[0]}>
              {row.map((cell, i) =>
                i === 0 ? (
                  <th key={head[i]} scope="row">
                    {cell}
                  </th>
                ) : (
                  <td key={head[i]} className={look(i)}>
                    {cell}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
