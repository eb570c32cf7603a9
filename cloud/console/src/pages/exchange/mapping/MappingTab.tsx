import { type ExchangeMapping, exchangeMappingSchema } from '@hallhub/shared/exchange';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Segmented, Switch } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Channel, changeChannel } from '../../../api/exchange.js';
import { kindsQuery, kindVersionQuery } from '../../../api/ticket-kinds.js';
import { Section } from '../../../ui/Page.js';
import { FormProblem } from '../../parts/FormProblem.js';
import { suggestMapping } from '../suggest-mapping.js';
import { useExchangeWords } from '../use-exchange-words.js';
import { MappingText } from './MappingText.js';
import { ReadsEditor } from './ReadsEditor.js';
import { IncomingEditor, OutgoingEditor } from './SideEditor.js';

type Part = 'incoming' | 'outgoing' | 'reads' | 'whole';

/** How both ends understand each other, as data: part by part, or as the whole text. */
export function MappingTab({ channel }: { channel: Channel }) {
  const { t } = useTranslation(['exchange', 'common']);
  const words = useExchangeWords();
  const client = useQueryClient();
  const { message } = App.useApp();
  const [version, setVersion] = useState(channel.version);
  const [saved, setSaved] = useState(channel.mapping);
  const [draft, setDraft] = useState<ExchangeMapping>(channel.mapping);
  const [part, setPart] = useState<Part>(
    channel.mapping.incoming || !channel.mapping.outgoing ? 'incoming' : 'outgoing',
  );
  const kinds = useQuery(kindsQuery);
  const isChanged = JSON.stringify(draft) !== JSON.stringify(saved);
  const read = exchangeMappingSchema.safeParse(draft);
  const save = useMutation({
    // Others pause a channel meanwhile; the mapping is the tab’s own, and what was last seen of it is what counts.
    mutationFn: () => changeChannel({ id: channel.id, version }, { mapping: draft }),
    onSuccess: (after) => {
      setVersion(after.version);
      setSaved(after.mapping);
      setDraft(after.mapping);
      void message.success(t('common:saved'));
      void client.invalidateQueries({ queryKey: ['exchange-channels'] });
    },
  });
  const switchOn = useMutation({
    mutationFn: async (side: 'incoming' | 'outgoing') => {
      const usable = kinds.data?.filter(({ published, retired }) => published && !retired) ?? [];
      const kind =
        usable.find(({ code }) => code === draft.incoming?.kind) ??
        usable.find(({ code }) => code === 'citizen_request') ??
        usable[0];
      if (!kind) throw new Error(t('map.noKind'));
      const { document } = await client.fetchQuery(kindVersionQuery(kind.code, kind.published?.version ?? 1));
      return { side, made: suggestMapping(document, { takes: true, office: 'dispatch' })[side] };
    },
    onSuccess: ({ side, made }) => setDraft((was) => ({ ...was, [side]: made })),
  });
  const toggle = (side: 'incoming' | 'outgoing', on: boolean) =>
    on ? switchOn.mutate(side) : setDraft((was) => ({ ...was, [side]: null }));
  return (
    <Section
      bare
      title={t('tab.mapping')}
      aside={
        <>
          {isChanged ? <span>{t('map.changed')}</span> : null}
          <Button disabled={!isChanged} onClick={() => setDraft(saved)}>
            {t('map.discard')}
          </Button>
          <Button
            type="primary"
            disabled={!isChanged || !read.success}
            loading={save.isPending}
            onClick={() => save.mutate()}
          >
            {t('common:save')}
          </Button>
        </>
      }
    >
      <div className="stack">
        <FormProblem error={save.error ?? switchOn.error} />
        {channel.faults.length > 0 && !isChanged ? (
          <div className="exchange-test is-bad">
            <strong>{t('map.faults', { count: channel.faults.length })}</strong>
            <ul className="mapping-faults">
              {channel.faults.map(({ path, message: said }) => (
                <li key={`${path} ${said}`}>
                  <code>{path}</code> {words.fault(said)}
                </li>
              ))}
            </ul>
          </div>
        ) : null}
        {read.success ? null : (
          <div className="exchange-test is-bad" role="alert">
            <strong>{t('map.notYet')}</strong>
            <ul>
              {read.error.issues.slice(0, 8).map((issue) => (
                <li key={`${issue.path.join('.')} ${issue.message}`}>
                  <code>{issue.path.join('.')}</code> {t('map.wrong')}
                </li>
              ))}
            </ul>
          </div>
        )}
        <Segmented<Part>
          className="mapping-parts"
          value={part}
          aria-label={t('map.part')}
          options={(['incoming', 'outgoing', 'reads', 'whole'] as const).map((value) => ({
            value,
            label: t(`map.${value}`),
          }))}
          onChange={setPart}
        />
        {part === 'whole' ? (
          <MappingText value={draft} onChange={setDraft} />
        ) : part === 'reads' ? (
          <ReadsEditor value={draft.reads} onChange={(reads) => setDraft({ ...draft, reads })} />
        ) : (
          <div className="card card-pad stack mapping-side">
            <div className="switch-row">
              <Switch
                checked={draft[part] !== null}
                loading={switchOn.isPending}
                aria-label={t(`map.${part}Switch`)}
                onChange={(on) => toggle(part, on)}
              />
              {t(`map.${part}Switch`)}
            </div>
            {part === 'incoming' && draft.incoming ? (
              <IncomingEditor value={draft.incoming} onChange={(incoming) => setDraft({ ...draft, incoming })} />
            ) : null}
            {part === 'outgoing' && draft.outgoing ? (
              <OutgoingEditor value={draft.outgoing} onChange={(outgoing) => setDraft({ ...draft, outgoing })} />
            ) : null}
          </div>
        )}
      </div>
    </Section>
  );
}
