import { useQuery } from '@tanstack/react-query';
import { Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { testSensitive } from '../../api/sensitive-words.js';
import { FormProblem } from '../parts/FormProblem.js';
import { useSettled } from '../tickets/assist/use-settled.js';
import { piecesOf } from './word-list.js';

/** A text to try: what of it is warned of, as the one who takes a ticket sees it. `stamp` changes with the list. */
export function TestBox({ count, stamp }: { count: number; stamp: number }) {
  const { t } = useTranslation('sensitiveWords');
  const [text, setText] = useState('');
  const asked = useSettled(text, text, 300);
  const found = useQuery({
    queryKey: ['sensitive-words', 'test', asked, stamp],
    queryFn: () => testSensitive(asked),
    enabled: asked.trim() !== '',
    placeholderData: (before) => before,
    gcTime: 0,
  });
  const hits = asked.trim() === '' ? undefined : found.data;
  return (
    <section className="words-test card card-pad" aria-label={t('test.title')}>
      <h2>{t('test.title')}</h2>
      <p className="soft small">{t('test.hint')}</p>
      <Input.TextArea
        value={text}
        maxLength={20_000}
        autoSize={{ minRows: 5, maxRows: 12 }}
        aria-label={t('test.text')}
        placeholder={t('test.example')}
        onChange={({ target }) => setText(target.value)}
      />
      <FormProblem error={found.error} />
      <div role="status" className="stack">
        {hits ? (
          <>
            <p>{count === 0 ? t('test.empty') : t('test.found', { count: hits.length })}</p>
            {hits.length > 0 ? (
              <p className="words-shown">
                {piecesOf(asked, hits).map(({ text: piece, level }, i) =>
                  level ? (
                    // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text, in its order
                    <mark key={i} className={`words-${level}`} title={t(`levels.${level}`)}>
                      {piece}
                    </mark>
                  ) : (
                    piece
                  ),
                )}
              </p>
            ) : null}
          </>
        ) : null}
      </div>
    </section>
  );
}
