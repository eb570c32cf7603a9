/** A sheet's program must not take a title for a formula, in full width neither, as some read them; quotes are doubled (RFC 4180). */
export const csvCell = (text: string): string => {
  const safe = /^[=+\-@＝＋－＠\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

export const csvText = (lines: readonly (readonly string[])[]): string =>
  lines.map((line) => `${line.map(csvCell).join(',')}\r\n`).join('');

/** What a file begins with, its titles first: by the mark a spreadsheet sees that this is UTF-8. */
export const csvFile = (lines: readonly (readonly string[])[]): Buffer => Buffer.from(`\ufeff${csvText(lines)}`);
