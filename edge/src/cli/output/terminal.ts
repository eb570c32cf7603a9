/** Where the CLI writes. Colour is for state only, and only on a terminal that wants it (NO_COLOR, TERM=dumb). */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  readonly width: number | undefined;
  readonly style: Style;
  now(): number;
}

export interface Style {
  good(text: string): string;
  warn(text: string): string;
  bad(text: string): string;
  dim(text: string): string;
}

const plain: Style = { good: (s) => s, warn: (s) => s, bad: (s) => s, dim: (s) => s };
const ansi = (code: number) => (text: string) => `\u001b[${code}m${text}\u001b[0m`;
const coloured: Style = { good: ansi(32), warn: ansi(33), bad: ansi(31), dim: ansi(2) };

export const openTerminal = (env: NodeJS.ProcessEnv = process.env): Terminal => {
  const onTerminal = process.stdout.isTTY === true;
  const wantsColour = onTerminal && !env.NO_COLOR && env.TERM !== 'dumb';
  return {
    out: (text) => void process.stdout.write(`${text}\n`),
    err: (text) => void process.stderr.write(`${text}\n`),
    width: onTerminal ? process.stdout.columns : undefined,
    style: wantsColour ? coloured : plain,
    now: Date.now,
  };
};
