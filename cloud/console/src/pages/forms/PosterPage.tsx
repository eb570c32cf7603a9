import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { Button, Segmented } from 'antd';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { addressOf, formsQuery } from '../../api/ticket-forms.js';
import { AppLink } from '../../app/AppLink.js';
import { PageLoading } from '../../app/PageStates.js';
import { oneOf, useSearchState } from '../../app/search-state.js';
import { useMe } from '../../app/session.js';
import { loadTexts } from '../../i18n/i18n.js';
import { pickLabel, useLabel, useLanguage } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { Brand } from '../../ui/icons.js';
import { Page } from '../../ui/Page.js';
import { QrCode } from '../../ui/QrCode.js';
import { Empty, ErrorState } from '../../ui/states.js';
import './poster.css';

const searchSchema = z.object({ in: oneOf(['zh', 'en', 'both']) });

/** A sheet to hang up: what it is, and the code that leads there. */
export default function PosterPage() {
  const { t } = useTranslation('ticketForms');
  const label = useLabel();
  const language = useLanguage();
  const me = useMe();
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  const [search, setSearch] = useSearchState(searchSchema);
  const query = useQuery(formsQuery);
  // The reader's texts are here; a poster speaks the other language, too.
  const texts = useQuery({
    queryKey: ['texts', 'both'],
    queryFn: () => Promise.all([loadTexts('zh'), loadTexts('en')]).then(() => true),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const form = query.data?.find((one) => one.id === id);
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data || !texts.data) return <PageLoading />;
  if (!form) return <Empty icon="ticket" title={t('gone')} hint={t('goneHint')} />;
  const shown = search.in ?? (form.title.en ? 'both' : language);
  const languages = shown === 'both' ? (['zh', 'en'] as const) : ([shown] as const);
  const address = addressOf(form);
  const say = (key: 'poster.scan' | 'poster.step1' | 'poster.step2' | 'poster.step3', lng: string) => t(key, { lng });
  return (
    <Page
      title={`${t('poster.title')} · ${label(form.title)}`}
      trail={<AppLink to={paths.ticketForms()}>{t('title')}</AppLink>}
      actions={
        <>
          <Segmented<'zh' | 'en' | 'both'>
            value={shown}
            aria-label={t('poster.language')}
            options={[
              { value: 'zh', label: t('chinese') },
              { value: 'en', label: t('english') },
              { value: 'both', label: t('both') },
            ]}
            onChange={(next) => setSearch({ in: next })}
          />
          <Button type="primary" onClick={() => window.print()}>
            {t('poster.print')}
          </Button>
        </>
      }
    >
      <article className="poster" aria-label={t('poster.title')}>
        <header>
          <p className="poster-who">{label(me.tenant.name)}</p>
          {languages.map((one, i) => (
            <h2 key={one} lang={one} className={i > 0 ? 'poster-second' : undefined}>
              {pickLabel(form.title, one)}
            </h2>
          ))}
          {form.intro
            ? languages.map((one) => (
                <p key={one} lang={one} className="poster-intro">
                  {pickLabel(form.intro, one)}
                </p>
              ))
            : null}
        </header>
        <div className="poster-code">
          <QrCode value={address} label={t('qrOf', { address })} />
          {languages.map((one) => (
            <p key={one} lang={one} className="poster-scan">
              {say('poster.scan', one)}
            </p>
          ))}
          <p className="poster-address">{address}</p>
        </div>
        <ol className="poster-steps">
          {(['poster.step1', 'poster.step2', 'poster.step3'] as const).map((step) => (
            <li key={step}>
              {languages.map((one) => (
                <span key={one} lang={one}>
                  {say(step, one)}
                </span>
              ))}
            </li>
          ))}
        </ol>
        <footer>
          <Brand size={18} />
        </footer>
      </article>
    </Page>
  );
}
