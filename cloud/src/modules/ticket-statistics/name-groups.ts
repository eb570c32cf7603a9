import type { Label } from '@hallhub/shared';
import type { TicketKind } from '@hallhub/shared/ticket';
import type { Tx } from '../../db/index.js';
import { labelsOf } from '../categories/category-book.js';
import { PartyBook } from '../offices/party-book.js';
import { listMakeable, readKind } from '../ticket-kinds/kind-book.js';
import type { TicketStatisticsQuery } from './contract.js';

type Named = (key: string) => Label | undefined;
const plain = (name: string | undefined): Label | undefined => (name ? { zh: name } : undefined);

const placeNames = async (tx: Tx, table: 'halls' | 'regions', ids: readonly string[]): Promise<Named> => {
  const { rows } = await tx.$client.query<{ id: string; name: string }>(
    `SELECT id, name FROM ${table} WHERE id = ANY($1::uuid[])`,
    [ids],
  );
  const names = new Map(rows.map(({ id, name }) => [id, name]));
  return (key) => plain(names.get(key));
};

const categoryNames = async (tx: Tx, tenantId: string, keys: readonly string[]): Promise<Named> => {
  const trees = [...new Set(keys.map((key) => key.split(':')[0] ?? ''))];
  const labels = new Map<string, ReadonlyMap<string, Label>>();
  for (const tree of trees) labels.set(tree, await labelsOf(tx, tenantId, tree));
  return (key) => {
    const [tree = '', path = ''] = key.split(':');
    const parts = path.split('/').map((code) => labels.get(tree)?.get(code) ?? { zh: code });
    return {
      zh: parts.map(({ zh }) => zh).join(' / '),
      en: parts.map(({ zh, en }) => en ?? zh).join(' / '),
    };
  };
};

const choiceNames =
  (kinds: readonly TicketKind[], choice: string | undefined): Named =>
  (key) => {
    for (const kind of kinds)
      for (const field of kind.fields)
        if (field.type === 'choice' && field.key === choice) {
          const found = field.choices.find(({ value }) => value === key);
          if (found) return found.label;
        }
    return undefined;
  };

const levelNames =
  (kinds: readonly TicketKind[]): Named =>
  (key) =>
    kinds.flatMap(({ levels }) => levels).find(({ id }) => id === key)?.label;

/** What people call the keys of groups; undefined where the key says it (days), or a message file does (sources). */
export const nameGroups = async (
  tx: Tx,
  tenantId: string,
  { by, choice, kind }: TicketStatisticsQuery,
  keys: readonly string[],
): Promise<Named> => {
  const kinds = async (): Promise<TicketKind[]> => {
    const all = kind ? [await readKind(tx, tenantId, kind)] : await listMakeable(tx, tenantId);
    return all.flatMap((one) => (one ? [one.kind] : []));
  };
  switch (by) {
    case 'kind': {
      const labels = new Map<string, Label>();
      for (const code of keys) {
        const known = await readKind(tx, tenantId, code);
        if (known) labels.set(code, known.kind.label);
      }
      return (key) => labels.get(key);
    }
    case 'level':
      return levelNames(await kinds());
    case 'choice':
      return choiceNames(await kinds(), choice);
    case 'hall':
      return placeNames(tx, 'halls', keys);
    case 'region':
      return placeNames(tx, 'regions', keys);
    case 'office':
    case 'person': {
      const book = await PartyBook.load(tx, tenantId, undefined, { asksForSkills: false });
      return (id) => plain(book.nameOf({ kind: by, id }));
    }
    case 'category':
      return categoryNames(tx, tenantId, keys);
    default:
      return () => undefined;
  }
};
