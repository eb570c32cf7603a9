import { uuidPattern } from '@hallhub/shared';
import type { TicketKind, TicketRow } from '@hallhub/shared/ticket';
import type { Tx } from '../../db/index.js';
import type { PartyBook } from '../offices/party-book.js';
import { readKind } from '../ticket-kinds/kind-book.js';
import { plainFields } from '../tickets/view/plain-fields.js';
import type { SupervisedTask } from './contract.js';

interface Details {
  readonly id: string;
  readonly kind_version: number;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly children: number;
  readonly done: number;
  readonly extended: number;
  readonly reported: { readonly at: string; readonly by: string } | null;
  readonly instructed: SupervisedTask['instructed'];
  readonly tasks:
    | { kind: 'person' | 'office'; id: string; lead: boolean; state: string; step: string; visit: number }[]
    | null;
}

/** What tells how it goes, by the keys of the kind that ships. */
const telling = ['plan', 'progress', 'percent', 'obstacles', 'nextSteps', 'result'];

const at = (column: string): string => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const question = `SELECT t.id, t.kind_version, t.state -> 'fields' AS fields, c.children, c.done, e.extended, r.reported, i.instructed, k.tasks
  FROM unnest($2::uuid[]) x(id) JOIN tickets t ON t.tenant_id = $1 AND t.id = x.id
    CROSS JOIN LATERAL (SELECT count(*)::int AS children, (count(*) FILTER (WHERE d.status = 'ended'))::int AS done
      FROM tickets d WHERE d.tenant_id = $1 AND d.parent_id = t.id) c
    CROSS JOIN LATERAL (SELECT (count(*) FILTER (WHERE h.type = 'extension_decided' AND h.data ->> 'granted' = 'true'))::int AS extended,
      count(*) FILTER (WHERE h.type = 'instructed') AS instructed, max(h.seq) FILTER (WHERE h.type = 'instructed') AS instruction,
      max(h.seq) FILTER (WHERE h.type = 'edited' AND h.data -> 'fields' ?| $3) AS report
      FROM ticket_history h WHERE h.tenant_id = $1 AND h.ticket_id = t.id AND h.type IN ('extension_decided', 'instructed', 'edited')) e
    LEFT JOIN LATERAL (SELECT jsonb_build_object('at', ${at('h.at')}, 'by', h.by_name) AS reported
      FROM ticket_history h WHERE h.tenant_id = $1 AND h.ticket_id = t.id AND h.seq = e.report) r ON true
    LEFT JOIN LATERAL (SELECT jsonb_build_object('times', e.instructed, 'at', ${at('h.at')}, 'by', h.by_name, 'words', coalesce(h.opinion, '')) AS instructed
      FROM ticket_history h WHERE h.tenant_id = $1 AND h.ticket_id = t.id AND h.seq = e.instruction) i ON true
    LEFT JOIN LATERAL (SELECT jsonb_agg(jsonb_build_object('kind', p.party_kind, 'id', p.party_id, 'lead', p.lead, 'state', p.state,
      'step', p.step, 'visit', p.visit) ORDER BY p.lead DESC, p.began_at, p.id) AS tasks
      FROM ticket_tasks p WHERE p.tenant_id = $1 AND p.ticket_id = t.id AND p.purpose = 'handle' AND p.lent_by IS NULL AND p.state <> 'gone') k ON true`;

/** What a ledger tells beside the rows of a list, in the rows' order. Whether they may be read was asked before. */
export const readTasks = async (
  tx: Tx,
  rows: readonly TicketRow[],
  { tenantId, book }: { readonly tenantId: string; readonly book: PartyBook },
): Promise<SupervisedTask[]> => {
  const { rows: details } = await tx.$client.query<Details>(question, [tenantId, rows.map(({ id }) => id), telling]);
  const byId = new Map(details.map((one) => [one.id, one]));
  const tasks: SupervisedTask[] = [];
  for (const ticket of rows) {
    const detail = byId.get(ticket.id);
    const kind = detail && (await readKind(tx, tenantId, ticket.kind.code, detail.kind_version))?.kind;
    if (detail && kind) tasks.push(taskOf({ ticket, detail, kind, book }));
  }
  return tasks;
};

const states = { waiting: 'waiting', open: 'open', signed: 'signed', lent: 'signed', done: 'done' } as const;

/** Where a task of this kind is carried out. */
export const solvingSteps = (kind: TicketKind): readonly string[] =>
  kind.steps.filter(({ actions }) => actions.some(({ marks }) => marks.includes('solved'))).map(({ id }) => id);

/** Of the step that solves it, the latest time it came there; before it came there, of where it stands. */
const partiesOf = (
  { tasks }: Details,
  { kind, step, book }: { readonly kind: TicketKind; readonly step: string; readonly book: PartyBook },
): SupervisedTask['parties'] => {
  const all = tasks ?? [];
  const at = solvingSteps(kind).find((id) => all.some((one) => one.step === id)) ?? step;
  const mine = all.filter((one) => one.step === at);
  const visit = Math.max(...mine.map((one) => one.visit));
  const signs = kind.steps.find(({ id }) => id === at)?.sign === true;
  return mine
    .filter((one) => one.visit === visit)
    .map(({ kind: of, id, lead, state }) => ({
      ...{ kind: of, id, name: book.nameOf({ kind: of, id }), lead },
      // Where nobody signs, whoever has it has it in hand.
      state: state === 'open' && !signs ? 'signed' : (states[state as keyof typeof states] ?? 'open'),
    }));
};

const taskOf = ({
  ticket,
  detail,
  kind,
  book,
}: {
  readonly ticket: TicketRow;
  readonly detail: Details;
  readonly kind: TicketKind;
  readonly book: PartyBook;
}): SupervisedTask => {
  const { fieldOf, number, text, choice } = plainFields({ step: ticket.step.id, fields: detail.fields }, kind);
  const [percent, contact] = [number('percent'), text('contactPerson')];
  return {
    ticket,
    ...{ basis: choice('basis'), requirement: text('requirement') },
    dueOn: fieldOf('dueOn')?.type === 'date' ? text('dueOn') : null,
    contact: contact !== null && uuidPattern.test(contact) ? book.personName(contact) || null : null,
    percent: percent === null ? null : Math.min(100, Math.max(0, percent)),
    ...{ progress: text('progress'), obstacles: text('obstacles'), nextSteps: text('nextSteps') },
    ...{ result: text('result'), verdict: choice('verdict'), reported: detail.reported },
    parties: partiesOf(detail, { kind, step: ticket.step.id, book }),
    children: { of: detail.children, done: detail.done },
    ...{ instructed: detail.instructed, extended: detail.extended },
  };
};
