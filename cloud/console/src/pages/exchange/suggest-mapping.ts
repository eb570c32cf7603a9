import type { ExchangeMapping, LocalAct, Say } from '@hallhub/shared/exchange';
import { exchangeMappingSchema } from '@hallhub/shared/exchange';
import type { TicketFieldType, TicketKind } from '@hallhub/shared/ticket';

interface Wanted {
  /** Tickets of theirs are handled here. */
  readonly takes: boolean;
  /** Tickets of ours go there: the office that stands for them. */
  readonly office: string | null;
}

/** What most channels of a kind say, read off its steps; people go on from there. */
export const suggestMapping = (kind: TicketKind, { takes, office }: Wanted): ExchangeMapping => {
  const start = kind.steps.find(({ id }) => id === kind.start);
  const first = (...types: TicketFieldType[]) =>
    kind.fields.find(({ key, type }) => types.includes(type) && start?.fields.edit.includes(key))?.key;
  const name = kind.fields.find(({ type, personal }) => personal && type === 'text')?.key;
  const fields = compact({
    ...{ title: kind.title, text: first('longText'), category: first('category'), place: first('place') },
    ...{ requesterName: name, requesterPhone: first('phone'), files: first('files') },
  });
  const parts = partsOf(kind);
  const side = { fields, levels: sameLevels(kind) };
  return exchangeMappingSchema.parse({
    v: 1,
    incoming: takes ? { ...side, kind: kind.code, on: onIncoming(parts), says: saysIncoming(parts) } : null,
    outgoing: office === null ? null : { ...side, office, on: onOutgoing(parts), says: saysOutgoing(parts) },
  });
};

const compact = <T extends Record<string, string | undefined>>(of: T) =>
  Object.fromEntries(Object.entries(of).filter(([, value]) => value !== undefined));
const sameLevels = (kind: TicketKind) => Object.fromEntries(kind.levels.map(({ id }) => [id, id]));

type Step = TicketKind['steps'][number];
interface Parts {
  readonly kind: TicketKind;
  readonly handle: Step | undefined;
  readonly solved: string | undefined;
  readonly back: string | undefined;
  readonly visit: Step | undefined;
  readonly satisfaction: string | undefined;
  readonly confirm: string | undefined;
  readonly again: string | undefined;
  readonly result: string | undefined;
}

const partsOf = (kind: TicketKind): Parts => {
  const handle = kind.steps.find(({ sign, actions }) => sign && actions.some(({ marks }) => marks.includes('solved')));
  const satisfaction = kind.fields.find(({ type }) => type === 'satisfaction')?.key;
  const visit = kind.steps.find(({ fields }) => satisfaction !== undefined && fields.edit.includes(satisfaction));
  const ends = new Set(kind.steps.filter(({ end }) => end === 'closed').map(({ id }) => id));
  const leadsTo = (to: (step: string) => boolean) =>
    visit?.actions.find((one) => one.act === 'submit' && 'to' in one && one.to?.some(({ step }) => to(step)))?.id;
  return {
    ...{ kind, handle, satisfaction, visit },
    solved: handle?.actions.find(({ act, marks }) => act === 'submit' && marks.includes('solved'))?.id,
    back: handle?.actions.find(({ act }) => act === 'return')?.id,
    confirm: leadsTo((step) => ends.has(step)),
    again: leadsTo((step) => !ends.has(step)),
    result: handle?.fields.required.findLast((key) =>
      kind.fields.some((one) => one.key === key && one.type === 'longText'),
    ),
  };
};

type On = Partial<Record<string, Partial<LocalAct>[]>>;
type Says = { when: Say['when']; act: Say['act']; words?: string | undefined; satisfaction?: string | undefined }[];

const onIncoming = ({ visit, confirm, again, satisfaction }: Parts): On => ({
  remind: [{ do: 'remind' }],
  decide_extension: [{ do: 'decideExtension' }],
  cancel: [{ do: 'cancel' }],
  rework: [...(visit && again ? [{ do: 'submit' as const, step: visit.id, action: again }] : []), { do: 'reopen' }],
  ...(visit && confirm && satisfaction
    ? {
        close: [
          { do: 'submit' as const, step: visit.id, action: confirm, take: { [satisfaction]: 'satisfaction' as const } },
        ],
      }
    : {}),
});

const saysIncoming = ({ handle, result }: Parts): Says => [
  ...(handle ? [{ when: { type: 'signed' as const, step: handle.id }, act: 'sign' as const }] : []),
  { when: { type: 'finished', mark: 'solved' }, act: 'finish', ...(result ? { words: result } : {}) },
  { when: { type: 'ended', outcome: 'cancelled' }, act: 'return' },
  { when: { type: 'extension_asked' }, act: 'ask_extension' },
];

const onOutgoing = ({ handle, solved, back, result }: Parts): On => ({
  ask_extension: [{ do: 'askExtension' }],
  ...(handle ? { sign: [{ do: 'sign' as const, step: handle.id }] } : {}),
  ...(handle && solved
    ? {
        finish: [
          {
            do: 'submit' as const,
            step: handle.id,
            action: solved,
            ...(result ? { take: { [result]: 'words' as const } } : {}),
          },
        ],
      }
    : {}),
  ...(handle && back ? { return: [{ do: 'return' as const, step: handle.id, action: back }] } : {}),
});

const saysOutgoing = ({ confirm, again, satisfaction }: Parts): Says => [
  ...(confirm
    ? [
        {
          when: { type: 'finished' as const, action: confirm },
          act: 'close' as const,
          ...(satisfaction ? { satisfaction } : {}),
        },
      ]
    : []),
  ...(again ? [{ when: { type: 'finished' as const, action: again }, act: 'rework' as const }] : []),
  { when: { type: 'extension_decided' }, act: 'decide_extension' },
  { when: { type: 'reminded' }, act: 'remind' },
  { when: { type: 'ended', outcome: 'cancelled' }, act: 'cancel' },
];
