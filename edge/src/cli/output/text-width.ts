const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const zero = /[\u0300-\u036f]|[\u200b-\u200f]|[\ufe00-\ufe0f]/u;
const colours = /\u001b\[[0-9;]*m/g;

const characterWidth = (character: string): number => (zero.test(character) ? 0 : wide.test(character) ? 2 : 1);

/** Columns that a text takes on a terminal: East Asian wide characters take two, colours none. */
export const textWidth = (text: string): number => {
  let width = 0;
  for (const character of text.replace(colours, '')) width += characterWidth(character);
  return width;
};

export const padEnd = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - textWidth(text)));
export const padStart = (text: string, width: number): string =>
  ' '.repeat(Math.max(0, width - textWidth(text))) + text;

/** Cut to `width` columns with an ellipsis; colours are only kept on texts that fit. */
export const cut = (text: string, width: number): string => {
  if (textWidth(text) <= width) return text;
  let out = '';
  let used = 0;
  for (const character of text.replace(colours, '')) {
    const next = characterWidth(character);
    if (used + next > width - 1) break;
    out += character;
    used += next;
  }
  return `${out}…`;
};

/** What comes from devices is shown, not obeyed: control characters never reach the terminal. */
export const printable = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '\u00b7');

/** As `printable`, for texts of several lines. */
export const printableLines = (text: string): string => text.split('\n').map(printable).join('\n');
