const units: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
];

/** Two units at most, as people say it: `3 d 4 h`, `12 min`, `4 s`. */
export const duration = (ms: number): string => {
  if (ms < 1000) return ms < 100 ? `${Math.max(0, Math.round(ms))} ms` : '<1 s';
  const at = units.findIndex(([, size]) => ms >= size);
  const [name, size] = units[at] ?? ['s', 1000];
  const whole = Math.floor(ms / size);
  const next = units[at + 1];
  const rest = next && whole < 10 ? Math.floor((ms - whole * size) / next[1]) : 0;
  return rest > 0 && next ? `${whole} ${name} ${rest} ${next[0]}` : `${whole} ${name}`;
};

export const ago = (at: number | undefined | null, now: number): string => {
  if (at === undefined || at === null) return '-';
  return at > now + 2000 ? `in ${duration(at - now)}` : `${duration(Math.max(0, now - at))} ago`;
};

/** Local time with its offset, so that a picture of the screen is unambiguous. */
export const clockTime = (at: number): string => {
  const d = new Date(at);
  const two = (n: number) => String(n).padStart(2, '0');
  const offset = -d.getTimezoneOffset();
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())} ${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}${zone}`;
};

export const bytes = (count: number): string => {
  const names = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = count;
  let at = 0;
  while (value >= 1000 && at < names.length - 1) {
    value /= 1000;
    at++;
  }
  return `${at === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${names[at]}`;
};

export const count = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`;
