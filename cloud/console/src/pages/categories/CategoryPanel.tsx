import { Button, Input, Space } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CategoryUse } from '../../api/category-trees.js';
import { useLabel } from '../../i18n/use-language.js';
import { Icon } from '../../ui/icons.js';
import { SidePanel } from '../../ui/SidePanel.js';
import { Facts } from '../parts/Facts.js';
import { LabelPair } from '../parts/LabelPair.js';
import { type Category, codePattern, type Step, stepOf, withinOf } from './category-draft.js';

interface CategoryPanelProps {
  category: Category;
  items: readonly Category[];
  used: CategoryUse | undefined;
  mayWrite: boolean;
  isNew: boolean;
  onChange: (next: Category) => void;
  onStep: (step: Step) => void;
  onAdd: () => void;
  onRetire: (retired: boolean) => void;
  onClose: () => void;
}

const steps = ['up', 'down', 'out', 'in'] as const;

/** One category: its names, its place, who names it. */
export function CategoryPanel(props: CategoryPanelProps) {
  const { category, items, used, mayWrite, isNew, onChange, onStep, onAdd, onRetire, onClose } = props;
  const { t } = useTranslation('categories');
  const label = useLabel();
  const [code, setCode] = useState(category.code);
  const isTaken = code !== category.code && items.some((one) => one.code === code);
  const isWell = codePattern.test(code) && !isTaken;
  const give = () => {
    if (!isWell) setCode(category.code);
    else if (code !== category.code) onChange({ ...category, code });
  };
  const above: string[] = [];
  for (let at = category.parent, i = 0; at !== null && i < 10; i++) {
    const one = items.find((item) => item.code === at);
    if (!one) break;
    above.unshift(label(one.label) || one.code);
    at = one.parent;
  }
  const within =
    withinOf(
      items.filter(({ retired }) => !retired),
      category.code,
    ).size - 1;
  return (
    <SidePanel
      title={label(category.label) || t('isNew')}
      mark={category.retired ? <span className="faint small">{t('retired')}</span> : undefined}
      onClose={onClose}
      actions={
        mayWrite ? (
          category.retired ? (
            <Button onClick={() => onRetire(false)}>{t('restore')}</Button>
          ) : (
            <>
              <Button danger type="text" onClick={() => onRetire(true)}>
                {t(isNew ? 'takeAway' : 'retire')}
              </Button>
              <Button icon={<Icon name="plus" size={14} />} onClick={onAdd}>
                {t('addBelow')}
              </Button>
            </>
          )
        ) : undefined
      }
    >
      <div className="stack cat-panel">
        <LabelPair
          label={t('name')}
          value={category.label}
          disabled={!mayWrite || category.retired}
          problem={category.label.zh.trim() === '' ? t('nameNeeded') : undefined}
          onChange={(next) => onChange({ ...category, label: next })}
        />
        {isNew ? (
          <div className="labelled-row">
            <label htmlFor="category-code">{t('code')}</label>
            <Input
              id="category-code"
              value={code}
              maxLength={48}
              spellCheck={false}
              status={isWell ? '' : 'error'}
              onChange={({ target }) => setCode(target.value)}
              onBlur={give}
              onPressEnter={give}
            />
            <p className={isWell ? 'faint small' : 'problem-inline small'}>{t(isTaken ? 'codeTaken' : 'codeHint')}</p>
          </div>
        ) : null}
        {mayWrite && !category.retired ? (
          <Space wrap aria-label={t('move.label')}>
            {steps.map((step) => (
              <Button
                key={step}
                size="small"
                disabled={!stepOf(items, category.code, step)}
                onClick={() => onStep(step)}
              >
                {t(`move.${step}`)}
              </Button>
            ))}
          </Space>
        ) : null}
        <Facts
          facts={[
            { label: t('place'), value: above.length > 0 ? above.join(' / ') : t('top') },
            !isNew && { label: t('code'), value: <code>{category.code}</code> },
            { label: t('below'), value: within },
            {
              label: t('usedBy'),
              value: [
                t('ticketsCount', { count: used?.tickets ?? 0 }),
                t('officesCount', { count: used?.offices ?? 0 }),
              ].join(' · '),
            },
          ]}
        />
        {category.retired ? (
          <p className="soft small">{t('retiredHint')}</p>
        ) : (
          <p className="soft small">{t('keysHint')}</p>
        )}
      </div>
    </SidePanel>
  );
}
