/** The largest unit in which a span is a whole number; hours where there is none yet. */
export const startUnit = (minutes: number | undefined): 'min' | 'h' | 'd' => {
  if (!minutes) return 'h';
  if (minutes % 60 !== 0) return 'min';
  return minutes % 1_440 === 0 ? 'd' : 'h';
};
