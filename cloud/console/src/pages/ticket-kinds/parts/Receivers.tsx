import type { TicketNotice } from '@hallhub/shared/ticket';
import { Button, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { replaced, useDesigner, without } from '../draft/designer.js';
import { Labelled } from './Labelled.js';
import { PartyRuleInput } from './PartyRules.js';
import { RemoveButton } from './RemoveButton.js';
import { useOptions } from './use-options.js';

export type Receiver = TicketNotice['to'][number];
type Sort = 'holders' | 'requester' | 'rule';

interface ReceiversProps<T extends Receiver> {
  to: readonly T[];
  label: string;
  /** What may be chosen here; `holders` and `rule` always may. */
  sorts: readonly Sort[];
  onChange: (to: T[]) => void;
}

/** Who is told: those who have the ticket, whoever asked, or somebody that a rule finds. */
export function Receivers<T extends Receiver>({ to, label, sorts, onChange }: ReceiversProps<T>) {
  const { t } = useTranslation('ticketKinds');
  const { mayWrite } = useDesigner();
  return (
    <Labelled label={label} group wide>
      {() => (
        <div className="tk-rules">
          {to.map((party, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: receivers have no names
            <div key={i} className="tk-line">
              <One
                party={party}
                label={label}
                sorts={sorts}
                onChange={(next) => onChange(replaced(to, i, next as T))}
              />
              {mayWrite ? <RemoveButton disabled={to.length < 2} onClick={() => onChange(without(to, i))} /> : null}
            </div>
          ))}
          {mayWrite && to.length < 10 ? (
            <Button size="small" type="dashed" onClick={() => onChange([...to, { kind: 'initiator' } as T])}>
              {t('notice.addTo')}
            </Button>
          ) : null}
        </div>
      )}
    </Labelled>
  );
}

interface OneProps {
  party: Receiver;
  label: string;
  sorts: readonly Sort[];
  onChange: (party: Receiver) => void;
}

function One({ party, label, sorts, onChange }: OneProps) {
  const { t } = useTranslation('ticketKinds');
  const { mayWrite } = useDesigner();
  const options = useOptions();
  const addresses = options.fieldsOf('phone', 'text');
  const sort: Sort = party.kind === 'requester' || party.kind === 'holders' ? party.kind : 'rule';
  const of = (next: Sort): Receiver =>
    next === 'holders'
      ? { kind: 'holders' }
      : next === 'requester'
        ? { kind: 'requester', field: addresses[0]?.value ?? '' }
        : { kind: 'initiator' };
  return (
    <span className="tk-rule grow">
      <Select<Sort>
        disabled={!mayWrite}
        className="tk-receiver"
        value={sort}
        aria-label={label}
        options={sorts.map((one) => ({ value: one, label: t(`notice.toOf.${one}`) }))}
        onChange={(next) => onChange(of(next))}
      />
      {party.kind === 'requester' ? (
        <Select
          disabled={!mayWrite}
          className="tk-rule-detail"
          value={party.field}
          aria-label={t('notice.address')}
          options={addresses}
          onChange={(field: string) => onChange({ kind: 'requester', field })}
        />
      ) : null}
      {party.kind !== 'requester' && party.kind !== 'holders' ? (
        <PartyRuleInput fixed rule={party} label={label} onChange={onChange} />
      ) : null}
    </span>
  );
}
