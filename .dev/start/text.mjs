/** Columns a string takes on a terminal: Chinese and other wide characters count two, combining marks none. */
export function textWidth(text) {
  if (/^[ -~]*$/.test(text)) return text.length;
  let width = 0;
  for (const char of text) {
    const code = char.codePointAt(0);
    if (/\p{Mn}|\p{Cf}/u.test(char)) continue;
    width += isWide(code) ? 2 : 1;
  }
  return width;
}

/** Pads with spaces to a width in columns. */
export function pad(text, width) {
  return text + ' '.repeat(Math.max(0, width - textWidth(text)));
}

/** Cuts to a width in columns and marks the cut. */
export function cut(text, width) {
  if (textWidth(text) <= width) return text;
  let result = '';
  let used = 0;
  for (const char of text) {
    const next = textWidth(char);
    if (used + next > width - 1) break;
    result += char;
    used += next;
  }
  return `${result}…`;
}

/** Cuts a painted line to a width in columns; what is left keeps its colours. */
export function cutPainted(line, width) {
  const parts = line.split(/(\u001b\[[0-9;]*m)/);
  if (textWidth(parts.filter((_, i) => i % 2 === 0).join('')) <= width) return line;
  let result = '';
  let left = width - 1;
  for (const [i, part] of parts.entries()) {
    if (i % 2 === 1) {
      result += part;
      continue;
    }
    const shown = textWidth(part) <= left ? part : cut(part, left + 1).slice(0, -1);
    result += shown;
    if (shown !== part)
      return `${result}…${parts.slice(i + 1).some((one) => one.startsWith('\u001b')) ? '\u001b[0m' : ''}`;
    left -= textWidth(shown);
  }
  return `${result}…`;
}

/** Makes text from other processes and devices harmless for a terminal. */
export function plain(text) {
  return String(text ?? '').replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ');
}

/** Rows of cells as aligned lines; a cell is a string or { text, paint }. Columns are two spaces apart. */
export function table(rows, { indent = 2 } = {}) {
  const widths = [];
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'object' ? cell : { text: cell })));
  for (const row of cells) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, textWidth(plain(cell.text)));
  }
  return cells.map((row) => {
    const line = row.map((cell, i) => {
      const padded = i === row.length - 1 ? plain(cell.text) : pad(plain(cell.text), widths[i]);
      return cell.paint ? cell.paint(padded) : padded;
    });
    return `${' '.repeat(indent)}${line.join('  ')}`.trimEnd();
  });
}

/** Painters by state; all of them leave text alone where colours are not wanted. */
export function painter(coloured) {
  const wrap = (code) => (text) => (coloured ? `\u001b[${code}m${text}\u001b[0m` : text);
  return { dim: wrap('2'), amber: wrap('33'), red: wrap('31'), accent: wrap('36'), none: (text) => text };
}

function isWide(code) {
  return (
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0x303e) ||
    (code >= 0x3041 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd)
  );
}
