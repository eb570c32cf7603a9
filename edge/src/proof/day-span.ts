/** The zone's time at an instant, as if it were UTC. */
const wallMs = (timeZone: string, atMs: number): number => {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' },
  }).formatToParts(atMs);
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value ?? 0);
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
};

const startOf = (timeZone: string, day: string): number => {
  const wanted = Date.parse(`${day}T00:00:00Z`);
  let at = wanted;
  // Twice: the first guess may lie on the other side of a change of the clocks.
  for (let i = 0; i < 2; i++) at -= wallMs(timeZone, at) - wanted;
  return at;
};

const dayMs = 86_400_000;

/** YYYY-MM-DD in a zone, as instants. */
export const daySpan = (timeZone: string, day: string): { readonly fromMs: number; readonly toMs: number } => ({
  fromMs: startOf(timeZone, day),
  toMs: startOf(timeZone, new Date(Date.parse(`${day}T00:00:00Z`) + dayMs).toISOString().slice(0, 10)),
});

export const todayIn = (timeZone: string, nowMs: number): string =>
  new Date(wallMs(timeZone, nowMs)).toISOString().slice(0, 10);
