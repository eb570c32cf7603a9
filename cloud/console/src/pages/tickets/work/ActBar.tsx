import { Button, Dropdown } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Offer, TicketPage } from '../../../api/tickets.js';
import { HeldButton } from '../../../ui/HeldButton.js';
import { Icon } from '../../../ui/icons.js';
import { Keys } from '../../../ui/KeyHints.js';
import { groupOffers } from './offer-keys.js';
import { useActName } from './use-act-name.js';
import { keyOf } from './use-ticket-work.js';

interface ActBarProps {
  page: Pick<TicketPage, 'supervised' | 'tasks'>;
  offers: readonly Offer[];
  keys: ReadonlyMap<Offer, string>;
  chosen: Offer | undefined;
  /** Of acts that would be refused as the form stands: why. */
  why: ReadonlyMap<Offer, string>;
  busy: boolean;
  onChoose: (offer: Offer) => void;
}

/** What may be done now, with its key: the task first, then the ticket. */
export function ActBar({ page, offers, keys, chosen, why, busy, onChoose }: ActBarProps) {
  const { t } = useTranslation('tickets');
  const name = useActName(page);
  const { main, task, ticket } = groupOffers(offers);
  const first = main.find((offer) => !why.has(offer));
  const button = (offer: Offer, isFirst = false) => (
    <HeldButton
      key={`${offer.task}${offer.do}${offer.action}`}
      type={isFirst ? 'primary' : 'default'}
      danger={offer.grave}
      disabled={busy}
      why={why.get(offer)}
      data-act={keyOf(offer)}
      aria-pressed={offer === chosen}
      className={offer === chosen ? 'act-button is-chosen' : 'act-button'}
      onClick={() => onChoose(offer)}
    >
      {name(offer)}
      {keys.has(offer) ? <Keys keys={keys.get(offer) as string} /> : null}
    </HeldButton>
  );
  return (
    <div className="act-bar" role="toolbar" aria-label={t('act.label')}>
      {main.map((offer) => button(offer, offer === first && !offer.grave))}
      {task.map((offer) => button(offer))}
      {ticket.length > 0 ? (
        <Dropdown
          trigger={['click']}
          disabled={busy}
          menu={{
            items: ticket.map((offer, i) => ({
              key: String(i),
              danger: offer.grave,
              label: (
                <span className="act-menu-item">
                  {name(offer)}
                  {keys.has(offer) ? <Keys keys={keys.get(offer) as string} /> : null}
                </span>
              ),
            })),
            onClick: ({ key }) => {
              const offer = ticket[Number(key)];
              if (offer) onChoose(offer);
            },
          }}
        >
          <Button className="act-button" data-act="more" icon={<Icon name="more" size={16} />}>
            {t('act.more')}
          </Button>
        </Dropdown>
      ) : null}
    </div>
  );
}
