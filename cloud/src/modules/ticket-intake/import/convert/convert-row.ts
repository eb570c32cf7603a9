import { createHash } from 'node:crypto';
import { type RawCell, textOfCell } from '../read/raw-row.js';
import type { ImportFault } from '../tables.js';
import { convertValue, listed, readNumber } from './convert-value.js';
import type { RowWorld } from './row-world.js';
import { importFields, plain, requiredOf } from './targets.js';

export interface ConvertedRow {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly level: string | null;
  readonly hallId: string | null;
  /** What the row is called elsewhere, or which row of an earlier import it is. */
  readonly key: string | undefined;
  readonly requesterName: string | undefined;
  readonly faults: readonly ImportFault[];
}

type Mapping = readonly (string | null)[];

const rowKey = /^row\/[0-9a-f]{32}$/;
/** As a ticket's origin has it; longer ones by their hash. */
const externalKey = (kind: string, text: string): string => {
  const word = text.normalize('NFKC').trim();
  return `no/${kind}/${word.length <= 120 ? word : createHash('sha256').update(word).digest('hex')}`;
};

/** What a ticket is made of, and everything that is wrong with the row, at once. */
export const convertRow = (
  world: RowWorld,
  {
    mapping,
    cells,
    columns,
  }: { readonly mapping: Mapping; readonly cells: readonly RawCell[]; readonly columns: number },
): ConvertedRow => {
  const faults: ImportFault[] = [];
  const at = new Map(mapping.flatMap((target, column) => (target === null ? [] : [[target, column] as const])));
  const textAt = (target: string): { readonly column: number; readonly text: string } | undefined => {
    const column = at.get(target);
    const cell = column === undefined ? undefined : cells[column];
    if (column === undefined || cell === undefined) return undefined;
    if (typeof cell !== 'string') {
      faults.push({ column, code: cell.wrong });
      return undefined;
    }
    return cell.trim() === '' ? undefined : { column, text: cell };
  };
  if (cells.slice(columns).some((cell) => textOfCell(cell).trim() !== ''))
    faults.push({ column: null, code: 'more_cells' });
  const hallId = hallOf(world, textAt('@hall'), faults);
  const zone = (hallId === null ? undefined : world.halls.get(hallId)?.zone) ?? world.zone;
  const fields: Record<string, unknown> = {};
  const required = requiredOf(world.kind);
  for (const field of importFields(world.kind)) {
    const before = faults.length;
    const given = textAt(field.key);
    if (given === undefined) {
      if (required.has(field.key) && faults.length === before) {
        faults.push({ column: at.get(field.key) ?? null, code: 'required', detail: field.label });
      }
      continue;
    }
    const read = convertValue(world, field, given.text, zone);
    if (!read.ok) faults.push({ column: given.column, ...read.fault });
    else if (field.type === 'place')
      fields[field.key] = { ...(read.value as object), ...positionOf(textAt, field.key, faults) };
    else fields[field.key] = read.value;
  }
  const level = levelOf(world, textAt('@level'), faults);
  const external = textAt('@external');
  const mended = textAt('@row')?.text.trim();
  const name = importFields(world.kind).find(({ type, personal, key }) => personal && type === 'text' && key in fields);
  return {
    ...{ fields, level, hallId, faults },
    key: external ? externalKey(world.kind.code, external.text) : mended && rowKey.test(mended) ? mended : undefined,
    requesterName: name && String(fields[name.key]),
  };
};

type Given = { readonly column: number; readonly text: string } | undefined;

const hallOf = (world: RowWorld, given: Given, faults: ImportFault[]): string | null => {
  const found = given ? world.hall.find(given.text) : (world.hallId ?? undefined);
  const column = given?.column ?? null;
  if (given && (found === undefined || found === 'ambiguous')) {
    faults.push({ column, code: found === undefined ? 'no_hall' : 'ambiguous' });
    return null;
  }
  const isAllowed = found === undefined ? world.mayMakeNowhere : world.halls.get(found)?.mayMake === true;
  if (!isAllowed) faults.push({ column, code: 'hall_right' });
  return found ?? null;
};

const positionOf = (textAt: (target: string) => Given, key: string, faults: ImportFault[]): object => {
  const [lon, lat] = [textAt(`${key}.lon`), textAt(`${key}.lat`)];
  if (!lon && !lat) return {};
  const [x, y] = [lon && readNumber(lon.text), lat && readNumber(lat.text)];
  const isPlace = x !== undefined && y !== undefined && Math.abs(x) <= 180 && Math.abs(y) <= 90;
  if (isPlace) return { lon: x, lat: y };
  faults.push({ column: (lon ?? lat)?.column ?? null, code: 'position' });
  return {};
};

const levelOf = ({ kind }: RowWorld, given: Given, faults: ImportFault[]): string | null => {
  if (!given) return null;
  const word = plain(given.text);
  const found = kind.levels.find(({ id, label }) =>
    [id, label.zh, label.en ?? ''].some((name) => plain(name) === word),
  );
  if (!found) {
    faults.push({ column: given.column, code: 'choice', detail: listed(kind.levels) });
  }
  return found?.id ?? null;
};
