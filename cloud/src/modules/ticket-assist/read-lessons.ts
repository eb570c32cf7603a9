import type { Tx } from '../../db/index.js';
import type { Lessons } from './classify/classifier.js';

/** What is known of these words, for each of the purposes. Those of a purpose that nothing was learned for are empty. */
export const readLessons = async (
  tx: Tx,
  tenantId: string,
  { purposes, words }: { readonly purposes: readonly string[]; readonly words: readonly string[] },
): Promise<ReadonlyMap<string, Lessons>> => {
  const scope = [tenantId, purposes];
  const { rows: known } = await tx.$client.query<{ purpose: string; vocabulary: number }>(
    'SELECT purpose, vocabulary FROM assist_purposes WHERE tenant_id = $1 AND purpose = ANY($2)',
    scope,
  );
  const { rows: labels } = await tx.$client.query<{ purpose: string; label: string; tickets: number; words: string }>(
    'SELECT purpose, label, tickets, words FROM assist_labels WHERE tenant_id = $1 AND purpose = ANY($2)',
    scope,
  );
  const { rows: counts } = await tx.$client.query<{ purpose: string; word: string; label: string; tickets: number }>(
    'SELECT purpose, word, label, tickets FROM assist_words WHERE tenant_id = $1 AND purpose = ANY($2) AND word = ANY($3)',
    [...scope, words],
  );
  return new Map(
    purposes.map((purpose) => {
      const own = labels.filter((one) => one.purpose === purpose);
      const byWord = new Map<string, Map<string, number>>();
      for (const { word, label, tickets } of counts.filter((one) => one.purpose === purpose)) {
        const byLabel = byWord.get(word) ?? new Map<string, number>();
        byWord.set(word, byLabel.set(label, tickets));
      }
      return [
        purpose,
        {
          tickets: new Map(own.map(({ label, tickets }) => [label, tickets])),
          words: new Map(own.map((one) => [one.label, Number(one.words)])),
          vocabulary: known.find((one) => one.purpose === purpose)?.vocabulary ?? 0,
          counts: byWord,
        },
      ];
    }),
  );
};

/** How much a word tells: more the fewer tickets hold it. Of the purpose `words`, where every ticket has the label `all`. */
export const weightsOf = (lessons: Lessons | undefined): ((word: string) => number) => {
  const all = lessons?.tickets.get('all') ?? 0;
  return (word) => Math.log(1 + (all + 1) / ((lessons?.counts.get(word)?.get('all') ?? 0) + 1));
};
