import type { ExchangeMapping, LocalAct, Say } from '@hallhub/shared/exchange';
import type { TicketKind } from '@hallhub/shared/ticket';
import type { Tx } from '../../../db/index.js';
import { listMakeable, readKind } from '../../ticket-kinds/kind-book.js';

export interface MappingFault {
  readonly path: string;
  readonly message: string;
}

/** What of a mapping does not fit the kinds and offices as they are now. It may be saved so: they may come later. */
export const lintMapping = async (tx: Tx, tenantId: string, mapping: ExchangeMapping): Promise<MappingFault[]> => {
  const faults: MappingFault[] = [];
  const { incoming, outgoing } = mapping;
  if (incoming) {
    const published = await readKind(tx, tenantId, incoming.kind);
    if (published)
      faults.push(...lintSide('incoming', incoming, [published.kind]), ...lintLevels(incoming, published.kind));
    else faults.push({ path: 'incoming.kind', message: `There is no published kind ${incoming.kind}` });
  }
  if (outgoing) {
    const { rowCount } = await tx.$client.query(
      'SELECT 1 FROM offices WHERE tenant_id = $1 AND code = $2 AND archived_at IS NULL',
      [tenantId, outgoing.office],
    );
    if (rowCount === 0) faults.push({ path: 'outgoing.office', message: `There is no office ${outgoing.office}` });
    const kinds = (await listMakeable(tx, tenantId)).map(({ kind }) => kind);
    faults.push(...lintSide('outgoing', outgoing, kinds));
  }
  return faults.slice(0, 100);
};

type Side = Pick<NonNullable<ExchangeMapping['outgoing']>, 'fields' | 'more' | 'on' | 'says'>;

/** Each name has to be one of at least one of the kinds that the side may meet. */
const lintSide = (side: string, rule: Side, kinds: readonly TicketKind[]): MappingFault[] => {
  const isField = (key: string) => kinds.some(({ fields }) => fields.some((field) => field.key === key));
  const isStep = (id: string) => kinds.some(({ steps }) => steps.some((step) => step.id === id));
  const isAction = (step: string | undefined, action: string) =>
    kinds.some(({ steps }) =>
      steps.some((one) => (step === undefined || one.id === step) && one.actions.some(({ id }) => id === action)),
    );
  const faults: MappingFault[] = [];
  const check = (ok: boolean, path: string, message: string) =>
    void (ok || faults.push({ path: `${side}.${path}`, message }));
  for (const [name, key] of Object.entries(rule.fields)) {
    if (key !== undefined) check(isField(key), `fields.${name}`, `There is no field ${key}`);
  }
  for (const { ours } of rule.more) check(isField(ours), 'more', `There is no field ${ours}`);
  for (const [act, acts] of Object.entries(rule.on)) {
    for (const [i, one] of acts.entries()) lintAct(one, { isField, isStep, isAction }, check, `on.${act}.${i}`);
  }
  for (const [i, say] of rule.says.entries()) lintSay(say, { isField, isStep, isAction }, check, `says.${i}`);
  return faults;
};

interface Names {
  readonly isField: (key: string) => boolean;
  readonly isStep: (id: string) => boolean;
  readonly isAction: (step: string | undefined, action: string) => boolean;
}
type Check = (ok: boolean, path: string, message: string) => void;

const lintAct = (act: LocalAct, { isField, isStep, isAction }: Names, check: Check, path: string): void => {
  const step = act.do === 'intervene' ? act.to : act.step;
  if (step !== undefined) check(isStep(step), path, `There is no step ${step}`);
  if (act.do !== 'submit' && act.do !== 'return') return;
  check(isAction(act.step, act.action), path, `The step ${act.step} has no action ${act.action}`);
  if (act.do !== 'submit') return;
  for (const key of [...Object.keys(act.set), ...Object.keys(act.take)])
    check(isField(key), path, `There is no field ${key}`);
};

const lintSay = (say: Say, { isField, isStep, isAction }: Names, check: Check, path: string): void => {
  const { step, action } = say.when;
  if (step !== undefined) check(isStep(step), path, `There is no step ${step}`);
  if (action !== undefined) check(isAction(step, action), path, `There is no action ${action}`);
  for (const key of [say.words, say.satisfaction]) {
    if (key !== undefined) check(isField(key), path, `There is no field ${key}`);
  }
};

const lintLevels = ({ levels }: NonNullable<ExchangeMapping['incoming']>, kind: TicketKind): MappingFault[] =>
  Object.entries(levels)
    .filter(([, level]) => level !== null && !kind.levels.some(({ id }) => id === level))
    .map(([theirs, level]) => ({ path: `incoming.levels.${theirs}`, message: `There is no level ${level}` }));
