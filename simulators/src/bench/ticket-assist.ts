import { LessonBook, type Suggestion, suggest } from '../../../cloud/src/modules/ticket-assist/classify/classifier.js';
import { wordsOf } from '../../../cloud/src/modules/ticket-assist/text/words.js';
import { seededRandom } from '../random.js';
import { digits, type Figure, runBench } from './bench-run.js';
import { quantile } from './statistics.js';
import { requestTexts } from './tickets/request-texts.js';

const share = (value: number): number => Number(value.toFixed(3));

/** How far the confidence of the first suggestion is from how often it is right, over ten bins (expected calibration error). */
const calibrationError = (all: readonly { readonly confidence: number; readonly right: boolean }[]): number => {
  const bins = Array.from({ length: 10 }, (_, i) =>
    all.filter(({ confidence }) => Math.min(9, Math.floor(confidence * 10)) === i),
  );
  return bins.reduce((sum, bin) => {
    if (bin.length === 0) return sum;
    const mean = bin.reduce((total, { confidence }) => total + confidence, 0) / bin.length;
    const right = bin.filter((one) => one.right).length / bin.length;
    return sum + (bin.length / all.length) * Math.abs(mean - right);
  }, 0);
};

/** The usual other way: the labels of the nearest known texts, by characters in threes. */
const threes = (text: string): Set<string> => new Set(Array.from(text, (_, i) => text.slice(i, i + 3)).slice(0, -2));
const nearest = (known: readonly { readonly label: string; readonly threes: Set<string> }[], text: string): string => {
  const own = threes(text);
  const scored = known.map(({ label, threes: other }) => {
    let both = 0;
    for (const three of own) if (other.has(three)) both += 1;
    return { label, likeness: both / (own.size + other.size - both) };
  });
  const votes = new Map<string, number>();
  for (const { label, likeness } of scored.sort((a, b) => b.likeness - a.likeness).slice(0, 5))
    votes.set(label, (votes.get(label) ?? 0) + likeness);
  return [...votes].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '';
};

await runBench(async ({ quick, progress }) => {
  const random = seededRandom(1);
  const [known, asked] = [requestTexts(quick ? 600 : 6_000, random), requestTexts(quick ? 200 : 1_500, random, 0)];
  const books = { category: new LessonBook(), office: new LessonBook() };
  for (const { text, category, office } of known) {
    const words = wordsOf(text);
    books.category.learn(category, words);
    books.office.learn(office, words);
  }
  const judge = (of: 'category' | 'office') => {
    const took: number[] = [];
    const all = asked.map((one) => {
      const fromMs = performance.now();
      const three: readonly Suggestion[] = suggest(books[of], wordsOf(one.text));
      took.push(performance.now() - fromMs);
      const at = three.findIndex(({ label }) => label === one[of]);
      return { confidence: three[0]?.confidence ?? 0, right: at === 0, among: at >= 0 };
    });
    const rate = (good: (one: (typeof all)[number]) => boolean) => all.filter(good).length / all.length;
    const sure = all.filter(({ confidence }) => confidence >= 0.8);
    return {
      ...{ first: rate(({ right }) => right), three: rate(({ among }) => among), error: calibrationError(all) },
      ...{ sure: sure.length / all.length, sureRight: sure.filter(({ right }) => right).length / (sure.length || 1) },
      p95Ms: quantile(took, 0.95),
    };
  };
  const [category, office] = [judge('category'), judge('office')];
  progress('against nearest texts and the most frequent label');
  const table = known.map(({ category: label, text }) => ({ label, threes: threes(text) }));
  const some = asked.slice(0, 300);
  const near = some.filter((one) => nearest(table, one.text) === one.category).length / some.length;
  const [often] = [...books.category.tickets].sort((a, b) => b[1] - a[1])[0] ?? [''];
  const plain = asked.filter((one) => one.category === often).length / asked.length;
  const learning = [50, 200, 1_000].map((n) => {
    const book = new LessonBook();
    for (const one of known.slice(0, n)) book.learn(one.category, wordsOf(one.text));
    const right = some.filter((one) => suggest(book, wordsOf(one.text))[0]?.label === one.category).length;
    return `${n}: ${share(right / some.length)}`;
  });
  const set = `${known.length} generated requests of ${books.category.tickets.size} categories, 5 % of them labelled wrongly; asked ${asked.length} others`;
  return [
    {
      what: 'category: the first suggestion is right',
      ...{ value: share(category.first), unit: 'of 1', aim: { atLeast: 0.8 } },
      detail: `among three ${share(category.three)}; nearest texts by threes ${share(near)}, always the most frequent ${share(plain)}; learned from ${learning.join(', ')}; ${set}`,
    },
    {
      what: 'office: the first suggestion is right',
      ...{ value: share(office.first), unit: 'of 1', aim: { atLeast: 0.8 } },
      detail: `among three ${share(office.three)}; ${books.office.tickets.size} offices`,
    },
    {
      what: 'confidence of the first category against how often it is right (expected calibration error)',
      ...{ value: share(category.error), unit: '', aim: { atMost: 0.15 } },
      detail: `sure (at least 0.8) of ${share(category.sure)}, right in ${share(category.sureRight)} of them`,
    },
    {
      what: 'time for one suggestion in memory, cutting the words included, p95',
      ...{ value: Number(category.p95Ms.toFixed(2)), unit: 'ms' },
      detail: `${digits(books.category.vocabulary)} words known`,
    },
  ] satisfies Figure[];
});
