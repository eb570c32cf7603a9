export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

export const hourStart = (ms: number): number => Math.floor(ms / hourMs) * hourMs;
export const dayStart = (ms: number): number => Math.floor(ms / dayMs) * dayMs;

export const monthStart = (ms: number): number => {
  const date = new Date(ms);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
};

export const nextMonth = (ms: number): number => {
  const date = new Date(ms);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
};
