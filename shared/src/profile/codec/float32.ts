const powersOfTen = Array.from({ length: 13 }, (_, exponent) => Number(`1e${exponent}`));

/** The fewest digits that make the same float32: 230.2, not 230.1999969482422. */
export function shortestFloat32(value: number): number {
  const size = Math.abs(value);
  if (size === 0 || !(size >= 1e-4 && size < 1e6)) return shortestByText(value);
  // Six digits already tell any shorter decimal from the float32 next to it, so fewer need not be tried.
  let decimals = 5;
  for (let limit = 10; size >= limit; limit *= 10) decimals--;
  for (let limit = 1; size < limit; limit /= 10) decimals++;
  for (const most = decimals + 3; decimals <= most; decimals++) {
    const power = powersOfTen[decimals] as number;
    // A whole number divided by an exact power of ten is the double nearest to that decimal.
    const short = Math.round(size * power) / power;
    if (Math.fround(short) === size) return value < 0 ? -short : short;
  }
  return value;
}

function shortestByText(value: number): number {
  if (!Number.isFinite(value)) return value;
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}
