import { exchangeActs } from '@hallhub/shared/exchange';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { type Channel, type ExchangeMessageRow, messageStates, messagesQuery } from '../../api/exchange.js';
import { anyText, oneOf, useSearchState } from '../../app/search-state.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { Empty } from '../../ui/states.js';
import { type Column, DataTable } from '../../ui/table/DataTable.js';
import { FilterChoice } from '../parts/FilterChoice.js';
import { FilterText } from '../parts/FilterText.js';
import { useListing } from '../parts/list-state.js';
import { messageLooks } from './channel-state.js';
import { MessagePanel } from './MessagePanel.js';
import { ReplayAll } from './ReplayAll.js';
import { useExchangeWords } from './use-exchange-words.js';

const directions = ['in', 'out'] as const;
const searchSchema = z.object({
  ...{ direction: oneOf(directions), state: oneOf(messageStates), act: oneOf(exchangeActs) },
  ...{ number: anyText, message: anyText },
});

/** All that went either way, newest first. */
export function MessagesTab({ channel }: { channel: Channel }) {
  const { t } = useTranslation('exchange');
  const words = useExchangeWords();
  const [search, setSearch] = useSearchState(searchSchema);
  const { message, ...filters } = search;
  const list = useListing(messagesQuery(channel.id, filters));
  const columns: Column<ExchangeMessageRow>[] = [
    {
      ...{ id: 'at', title: t('log.at'), width: 110 },
      cell: ({ madeAt }) => <RelativeTime time={madeAt} />,
      text: ({ madeAt }) => madeAt,
    },
    {
      ...{ id: 'direction', title: t('log.direction'), width: 84 },
      cell: ({ direction }) => (
        <span className="nowrap">
          <span aria-hidden="true" className="faint">
            {direction === 'in' ? '← ' : '→ '}
          </span>
          {t(`log.${direction}`)}
        </span>
      ),
      text: ({ direction }) => t(`log.${direction}`),
    },
    {
      ...{ id: 'act', title: t('log.act'), width: 110 },
      cell: ({ act }) => words.act(act),
      text: ({ act }) => words.act(act),
    },
    {
      ...{ id: 'number', title: t('log.number'), priority: 2 },
      cell: ({ number, owner }) => (
        <span className="clip">
          {number} <span className="faint small">{t(`owner.${owner}`)}</span>
        </span>
      ),
      text: ({ number }) => number,
    },
    {
      ...{ id: 'state', title: t('state'), width: 110 },
      cell: ({ state }) => <StatusMark {...messageLooks[state]} word={t(`log.state.${state}`)} />,
      text: ({ state }) => t(`log.state.${state}`),
    },
    {
      ...{ id: 'why', title: t('log.why'), width: 200, priority: 3 },
      cell: ({ code }) => <span className="soft clip">{words.why(code)}</span>,
      text: ({ code }) => words.why(code),
    },
    {
      ...{ id: 'attempts', title: t('log.attempts'), width: 70, align: 'end' as const, priority: 3 },
      cell: ({ attempts }) => attempts,
      text: ({ attempts }) => String(attempts),
    },
  ];
  const isFiltered = Object.values(filters).some((value) => value !== undefined);
  return (
    <>
      <DataTable
        name="exchange-messages"
        label={t('tab.messages')}
        columns={columns}
        {...list}
        rowKey={({ id }) => id}
        openKey={message}
        onOpen={({ id }) => setSearch({ message: id }, { push: true })}
        tools={
          <>
            <FilterText
              value={search.number}
              placeholder={t('log.findNumber')}
              onChange={(number) => setSearch({ number })}
            />
            <FilterChoice
              label={t('log.direction')}
              value={search.direction}
              options={directions.map((value) => ({ value, label: t(`log.${value}`) }))}
              onChange={(direction) => setSearch({ direction })}
            />
            <FilterChoice
              label={t('state')}
              value={search.state}
              options={messageStates.map((value) => ({ value, label: t(`log.state.${value}`) }))}
              onChange={(state) => setSearch({ state })}
            />
            <FilterChoice
              label={t('log.act')}
              value={search.act}
              options={exchangeActs.map((value) => ({ value, label: words.act(value) }))}
              onChange={(act) => setSearch({ act })}
            />
            <ReplayAll channel={channel} />
          </>
        }
        empty={
          <Empty
            icon="network"
            title={t(isFiltered ? 'log.noneSuch' : 'log.none')}
            hint={t(isFiltered ? 'log.noneSuchHint' : 'log.noneHint')}
          />
        }
      />
      {message ? (
        <MessagePanel
          key={message}
          channel={channel}
          messageId={message}
          onClose={() => setSearch({ message: undefined })}
        />
      ) : null}
    </>
  );
}
