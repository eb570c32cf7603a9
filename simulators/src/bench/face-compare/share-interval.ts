const z = 1.96;

/** Wilson's interval, 95 %: where the share really lies if `hits` of `count` independent tries hit. */
export const shareInterval = (hits: number, count: number): readonly [number, number] => {
  if (count === 0) return [0, 1];
  const share = hits / count;
  const middle = share + (z * z) / (2 * count);
  const reach = z * Math.sqrt((share * (1 - share)) / count + (z * z) / (4 * count * count));
  const whole = 1 + (z * z) / count;
  return [Math.max(0, (middle - reach) / whole), Math.min(1, (middle + reach) / whole)];
};

const percent = (share: number): string => `${(share * 100).toFixed(share > 0 && share < 0.1 ? 2 : 1)} %`;

/** `3 of 271, 1.1 % (95 %: 0.38 to 3.2 %)`. */
export const shareText = (hits: number, count: number): string => {
  const [from, to] = shareInterval(hits, count);
  return `${hits} of ${count}, ${percent(count === 0 ? 0 : hits / count)} (95 %: ${percent(from)} to ${percent(to)})`;
};
