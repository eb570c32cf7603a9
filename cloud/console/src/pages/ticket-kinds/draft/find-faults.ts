import {
  type KindFault,
  type KindFaultCode,
  lintKind,
  type TicketKind,
  ticketKindSchema,
} from '@hallhub/shared/ticket';

/** A fault of the lint, or a value that is missing or does not fit. */
export interface DraftFault extends Omit<KindFault, 'code'> {
  readonly code: KindFaultCode | 'missing' | 'unfit';
}

type Loose = Record<string, unknown>;

/** `steps.2.label.zh` as people know it: `steps.handle.label.zh`. */
const named = (kind: unknown, path: readonly PropertyKey[]): string => {
  let at: unknown = kind;
  return path
    .map((part) => {
      at = typeof at === 'object' && at !== null ? (at as Loose)[String(part)] : undefined;
      if (typeof part !== 'number') return String(part);
      const { id, key } = (at ?? {}) as { id?: string; key?: string };
      return id || key || String(part);
    })
    .join('.');
};

/** All that is wrong with a draft, as far as the browser can tell; the API says the last word when it is published. */
export const findFaults = (
  kind: TicketKind,
  calendars: ReadonlySet<string>,
  kinds?: ReadonlyMap<string, TicketKind>,
): readonly DraftFault[] => {
  const read = ticketKindSchema.safeParse(kind);
  if (read.success) return lintKind(read.data, { calendars, kinds });
  const seen = new Set<string>();
  return read.error.issues.flatMap((issue): DraftFault[] => {
    const path = named(kind, issue.path);
    if (seen.has(path)) return [];
    seen.add(path);
    const value = issue.path.reduce<unknown>((at, part) => (at as Loose | undefined)?.[String(part)], kind);
    const isMissing = value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
    return [{ code: isMissing ? 'missing' : 'unfit', severity: 'error', path }];
  });
};

/** Faults of a place and of all within it. */
export const faultsWithin = (faults: readonly DraftFault[], place: string): readonly DraftFault[] =>
  faults.filter(({ path }) => path === place || path.startsWith(`${place}.`));

export type DesignerTab =
  | 'general'
  | 'fields'
  | 'flow'
  | 'clocks'
  | 'notices'
  | 'supervise'
  | 'begins'
  | 'trial'
  | 'versions';

/** Where in the designer a fault is mended. */
export const placeOf = ({ path }: Pick<DraftFault, 'path'>): { tab: DesignerTab; item?: string } => {
  const [part, item] = path.split('.');
  const tab: DesignerTab =
    part === 'fields' || part === 'layout'
      ? 'fields'
      : part === 'steps' || part === 'states' || part === 'start'
        ? 'flow'
        : part === 'clocks' || part === 'notices' || part === 'supervise' || part === 'begins'
          ? part
          : 'general';
  return item === undefined ? { tab } : { tab, item };
};
