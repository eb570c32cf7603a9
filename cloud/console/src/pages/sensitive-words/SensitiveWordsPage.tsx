import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Dropdown, Input, Modal, Segmented, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import {
  type SensitiveClass,
  type SensitiveWord,
  saveSensitiveWords,
  sensitiveClasses,
  sensitiveWordsQuery,
} from '../../api/sensitive-words.js';
import { anyText, oneOf, useSearchState } from '../../app/search-state.js';
import { useRights } from '../../app/session.js';
import { Page } from '../../ui/Page.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { Empty } from '../../ui/states.js';
import { type Column, DataTable } from '../../ui/table/DataTable.js';
import { FilterChoice } from '../parts/FilterChoice.js';
import { FilterText } from '../parts/FilterText.js';
import { FormProblem } from '../parts/FormProblem.js';
import { SetUpTabs } from '../ticket-kinds/SetUpTabs.js';
import { TestBox } from './TestBox.js';
import { type Level, levels, readWords } from './word-list.js';
import './sensitive-words.css';

const looks = {
  urgent: { tone: 'bad', shape: 'triangle' },
  note: { tone: 'warn', shape: 'diamond' },
} as const;
const searchSchema = z.object({ q: anyText, level: oneOf(levels), class: oneOf(sensitiveClasses) });

/** Words that whoever takes a ticket is warned of, and a box to try a text in. */
export default function SensitiveWordsPage() {
  const { t } = useTranslation('sensitiveWords');
  const may = useRights();
  const client = useQueryClient();
  const { message } = App.useApp();
  const [search, setSearch] = useSearchState(searchSchema);
  const [adding, setAdding] = useState(false);
  const query = useQuery(sensitiveWordsQuery);
  const mayWrite = may('ticketkind.write');
  const all = query.data ?? [];
  const save = useMutation({
    mutationFn: saveSensitiveWords,
    onSuccess: (words) => client.setQueryData(sensitiveWordsQuery.queryKey, words),
  });
  /** Taken out at once, and back by one press. */
  const put = (words: readonly SensitiveWord[], said: string) => {
    const before = all;
    save.mutate(words, {
      onSuccess: () =>
        void message.open({
          type: 'success',
          duration: 6,
          content: (
            <>
              {said}{' '}
              <Button type="link" size="small" onClick={() => save.mutate(before)}>
                {t('undo')}
              </Button>
            </>
          ),
        }),
    });
  };
  const wanted = search.q?.toLowerCase();
  const rows = query.data?.filter(
    ({ word, level, class: its }) =>
      (search.level === undefined || level === search.level) &&
      (search.class === undefined || its === search.class) &&
      (!wanted || word.toLowerCase().includes(wanted)),
  );
  const columns: Column<SensitiveWord>[] = [
    { id: 'word', title: t('word'), cell: ({ word }) => word, text: ({ word }) => word },
    {
      ...{ id: 'level', title: t('level'), width: 120 },
      cell: ({ level }) => <StatusMark {...looks[level]} word={t(`levels.${level}`)} />,
      text: ({ level }) => t(`levels.${level}`),
    },
    {
      ...{ id: 'class', title: t('class'), width: 140 },
      cell: (one) => t(`classes.${one.class}`),
      text: (one) => t(`classes.${one.class}`),
    },
  ];
  const add = mayWrite ? (
    <Button type="primary" onClick={() => setAdding(true)}>
      {t('add')}
    </Button>
  ) : undefined;
  return (
    <Page title={t('title')} lead={t('lead')} tabs={<SetUpTabs active="words" />} actions={add} fill>
      <div className="words-columns">
        <DataTable
          name="sensitive-words"
          label={t('title')}
          columns={columns}
          rows={rows}
          rowKey={({ word }) => word}
          error={query.error}
          onRetry={() => void query.refetch()}
          tools={
            <>
              <FilterText value={search.q} placeholder={t('find')} onChange={(q) => setSearch({ q })} />
              <FilterChoice
                label={t('level')}
                value={search.level}
                options={levels.map((value) => ({ value, label: t(`levels.${value}`) }))}
                onChange={(level) => setSearch({ level })}
              />
              <FilterChoice
                label={t('class')}
                value={search.class}
                options={sensitiveClasses.map((value) => ({
                  value,
                  label: `${t(`classes.${value}`)} ${all.filter((one) => one.class === value).length}`,
                }))}
                onChange={(next) => setSearch({ class: next })}
              />
              <FormProblem error={save.error} />
            </>
          }
          {...(mayWrite
            ? {
                bulk: (picked: SensitiveWord[], clear: () => void) => {
                  const names = new Set(picked.map(({ word }) => word));
                  const change = (words: readonly SensitiveWord[], said: string) => {
                    put(words, said);
                    clear();
                  };
                  const remake = (patch: Partial<SensitiveWord>) =>
                    change(
                      all.map((one) => (names.has(one.word) ? { ...one, ...patch } : one)),
                      t('changed', { count: picked.length }),
                    );
                  return (
                    <>
                      {levels.map((level) => (
                        <Button key={level} size="small" onClick={() => remake({ level })}>
                          {t(`make.${level}`)}
                        </Button>
                      ))}
                      <Dropdown
                        trigger={['click']}
                        menu={{
                          items: sensitiveClasses.map((key) => ({ key, label: t(`classes.${key}`) })),
                          onClick: ({ key }) => remake({ class: key as SensitiveClass }),
                        }}
                      >
                        <Button size="small">{t('make.class')}</Button>
                      </Dropdown>
                      <Button
                        size="small"
                        danger
                        onClick={() =>
                          change(
                            all.filter(({ word }) => !names.has(word)),
                            t('removed', { count: picked.length }),
                          )
                        }
                      >
                        {t('remove')}
                      </Button>
                    </>
                  );
                },
              }
            : {})}
          empty={
            all.length > 0 ? (
              <Empty icon="search" title={t('noneFound')} hint={t('noneFoundHint')} />
            ) : (
              <Empty icon="book" title={t('none')} hint={t('noneHint')} action={add} />
            )
          }
        />
        <TestBox count={all.length} stamp={query.dataUpdatedAt} />
      </div>
      {adding ? (
        <AddWords
          known={all}
          saving={save.isPending}
          error={save.error}
          onClose={() => setAdding(false)}
          onTake={(words, count) =>
            save.mutate(words, {
              onSuccess: () => {
                setAdding(false);
                void message.success(t('added', { count }));
              },
            })
          }
        />
      ) : null}
    </Page>
  );
}

interface AddWordsProps {
  known: readonly SensitiveWord[];
  saving: boolean;
  error: unknown;
  onClose: () => void;
  onTake: (words: SensitiveWord[], count: number) => void;
}

function AddWords({ known, saving, error, onClose, onTake }: AddWordsProps) {
  const { t } = useTranslation(['sensitiveWords', 'common']);
  const [text, setText] = useState('');
  const [level, setLevel] = useState<Level>('note');
  const [about, setAbout] = useState<SensitiveClass>('other');
  const read = readWords(known, text, { level, class: about });
  const count = read.added + read.changed;
  return (
    <Modal
      open
      width={560}
      title={t('add')}
      okText={t('take', { count })}
      okButtonProps={{ disabled: count === 0 }}
      cancelText={t('common:cancel')}
      confirmLoading={saving}
      onCancel={onClose}
      onOk={() => onTake(read.words, count)}
    >
      <div className="stack">
        <p className="soft">{t('addHint')}</p>
        <div className="row row-wrap">
          <span className="soft">{t('unsaid')}</span>
          <Segmented<Level>
            value={level}
            aria-label={t('level')}
            options={levels.map((value) => ({ value, label: t(`levels.${value}`) }))}
            onChange={setLevel}
          />
          <Select<SensitiveClass>
            value={about}
            aria-label={t('class')}
            className="words-class"
            options={sensitiveClasses.map((value) => ({ value, label: t(`classes.${value}`) }))}
            onChange={setAbout}
          />
        </div>
        <p className="faint small">{t(`levelHint.${level}`)}</p>
        <Input.TextArea
          autoFocus
          value={text}
          autoSize={{ minRows: 6, maxRows: 14 }}
          aria-label={t('words')}
          placeholder={t('example')}
          onChange={({ target }) => setText(target.value)}
        />
        <label>
          <span className="soft">{t('file')} </span>
          <input
            type="file"
            accept=".csv,.txt,.tsv,text/csv,text/plain"
            onChange={({ target }) => void target.files?.[0]?.text().then(setText)}
          />
        </label>
        <div role="status">
          {text.trim() === '' ? null : <p>{t('result', { added: read.added, changed: read.changed })}</p>}
          {read.faults.length > 0 ? (
            <ul className="problem-inline">
              {read.faults.slice(0, 10).map((one) => (
                <li key={one.line}>
                  {t('line', { line: one.line })} {t(`why.${one.why}`, { about: one.about })}
                </li>
              ))}
            </ul>
          ) : null}
        </div>
        <FormProblem error={error} />
      </div>
    </Modal>
  );
}
