/** What somebody asks for, and within what time it is to be there. */
export interface Asked {
  readonly name: string;
  readonly atMostMs: number;
  readonly who: 'leader' | 'dispatcher' | 'handler' | 'clerk';
  readonly path: (turn: number) => string;
}
const q = (text: string): string => encodeURIComponent(text);
const day = (back: number) => new Date(Date.now() - back * 86_400_000).toISOString().slice(0, 10);
const by = ['kind', 'office', 'category', 'month', 'choice&choice=nature'];

/** With words and numbers that are there. */
export const asked = (rare: readonly string[], numbers: readonly string[]): Asked[] => {
  const at = (all: readonly string[], turn: number) => all[turn % all.length] ?? '';
  const list = (query: string) => `/tickets?limit=50&${query}`;
  const [todo, search] = [100, 200];
  return [
    { name: 'to-do of a handler', atMostMs: todo, who: 'handler', path: () => list('view=todo') },
    { name: 'to-do of a dispatcher', atMostMs: todo, who: 'dispatcher', path: () => list('view=todo') },
    { name: 'to-do of who leads every office', atMostMs: todo, who: 'leader', path: () => list('view=todo') },
    { name: 'their to-do, red', atMostMs: todo, who: 'leader', path: () => list('view=todo&light=red') },
    { name: 'their to-do, yellow', atMostMs: todo, who: 'leader', path: () => list('view=todo&light=yellow') },
    {
      name: 'their to-do, a rare word',
      atMostMs: search,
      who: 'leader',
      path: (n) => list(`view=todo&q=${q(at(rare, n))}`),
    },
    {
      name: 'their to-do, a common word',
      atMostMs: search,
      who: 'leader',
      path: () => list(`view=todo&q=${q('路灯')}`),
    },
    { name: 'counts of a handler', atMostMs: todo, who: 'handler', path: () => '/tickets/counts' },
    { name: 'counts of who leads every office', atMostMs: todo, who: 'leader', path: () => '/tickets/counts' },
    { name: 'all, newest first', atMostMs: todo, who: 'dispatcher', path: () => list('view=all') },
    { name: 'all of one region, for its handler', atMostMs: todo, who: 'handler', path: () => list('view=all') },
    { name: 'made by oneself', atMostMs: todo, who: 'clerk', path: () => list('view=initiated') },
    {
      name: 'search, common words',
      atMostMs: search,
      who: 'dispatcher',
      path: (n) => list(`view=all&q=${q(at(['路灯', '电梯', '噪音扰民', '工资'], n))}`),
    },
    {
      name: 'search, three words',
      atMostMs: search,
      who: 'dispatcher',
      path: () => list(`view=all&q=${q('电梯 困人 人民路')}`),
    },
    {
      name: 'search, a rare word',
      atMostMs: search,
      who: 'dispatcher',
      path: (n) => list(`view=all&q=${q(at(rare, n))}`),
    },
    {
      name: 'search, a number',
      atMostMs: search,
      who: 'dispatcher',
      path: (n) => list(`view=all&q=${at(numbers, n)}`),
    },
    {
      name: 'search, words that stand nowhere',
      atMostMs: search,
      who: 'dispatcher',
      path: (n) => list(`view=all&q=${q(`火星基地${n}`)}`),
    },
    {
      name: 'search of a handler, a common word',
      atMostMs: search,
      who: 'handler',
      path: () => list(`view=all&q=${q('路灯')}`),
    },
    {
      name: 'statistics of a year',
      ...{ atMostMs: 2_000, who: 'leader' as const },
      path: (n) => `/ticket-statistics?from=${day(364)}&to=${day(0)}&by=${at(by, n)}`,
    },
  ];
};
