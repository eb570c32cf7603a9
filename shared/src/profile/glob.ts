/** True where the text fits the pattern; * stands for anything, case and outer blanks do not matter. */
export function fitsGlob(pattern: string, text: string): boolean {
  const parts = pattern.trim().toLowerCase().split('*');
  const given = text.trim().toLowerCase();
  const first = parts[0] ?? '';
  if (parts.length === 1) return given === first;
  const last = parts.at(-1) ?? '';
  if (!given.startsWith(first) || !given.endsWith(last) || given.length < first.length + last.length) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = given.indexOf(part, at);
    if (found < 0 || found + part.length > given.length - last.length) return false;
    at = found + part.length;
  }
  return true;
}

/** How much a pattern says: its letters, and more where nothing is left open. */
export function globWeight(pattern: string): number {
  const literal = pattern.trim().replaceAll('*', '').length;
  return pattern.includes('*') ? literal : literal + 100;
}

/** True where some text fits both patterns. */
export function globsOverlap(one: string, other: string): boolean {
  const a = one.trim().toLowerCase();
  const b = other.trim().toLowerCase();
  const seen = new Set<number>();
  const meets = (i: number, j: number): boolean => {
    const key = i * (b.length + 1) + j;
    if (seen.has(key)) return false;
    seen.add(key);
    if (i === a.length && j === b.length) return true;
    if (a[i] === '*') return meets(i + 1, j) || (j < b.length && meets(i, j + 1));
    if (b[j] === '*') return meets(i, j + 1) || (i < a.length && meets(i + 1, j));
    return i < a.length && a[i] === b[j] && meets(i + 1, j + 1);
  };
  return meets(0, 0);
}
