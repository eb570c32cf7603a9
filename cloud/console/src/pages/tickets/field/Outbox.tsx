import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Offer } from '../../../api/tickets.js';
import { AppLink } from '../../../app/AppLink.js';
import { paths } from '../../../paths.js';
import { useActName } from '../work/use-act-name.js';
import type { KeptAct } from './field-outbox.js';
import { useWhy } from './use-why.js';

interface OutboxProps {
  acts: KeptAct[];
  hasLine: boolean;
  flush: () => Promise<void>;
  drop: (act: KeptAct) => Promise<void>;
  again: (act: KeptAct) => Promise<void>;
}

/** What this device still has to send; what was refused waits for the person. */
export function Outbox({ acts, hasLine, flush, drop, again }: OutboxProps) {
  const { t } = useTranslation('tickets');
  const name = useActName();
  const why = useWhy();
  if (acts.length === 0) return null;
  const waiting = acts.filter(({ state }) => state === 'waiting');
  return (
    <section className="outbox" aria-label={t('outbox.label')}>
      {waiting.length > 0 ? (
        <div className="outbox-line" role="status">
          <span className="grow">{t(hasLine ? 'outbox.sending' : 'outbox.waiting', { count: waiting.length })}</span>
          {hasLine ? (
            <Button className="touch" onClick={() => void flush()}>
              {t('outbox.now')}
            </Button>
          ) : null}
        </div>
      ) : null}
      {acts
        .filter(({ state }) => state === 'refused')
        .map((act) => (
          <div key={act.id} className="outbox-refused" role="alert">
            <p>
              <AppLink to={paths.fieldTicket(act.ticketId)}>{act.title || t('untitled')}</AppLink>
              {' · '}
              {/* Only what was offered is kept. */}
              {name({ do: act.command.do as Offer['do'], label: null })}
            </p>
            <p className="problem-inline">{why(act.why)}</p>
            <div className="row">
              <Button className="touch grow" onClick={() => void again(act)}>
                {t('outbox.again')}
              </Button>
              <Button className="touch grow" danger onClick={() => void drop(act)}>
                {t('outbox.drop')}
              </Button>
            </div>
          </div>
        ))}
    </section>
  );
}
